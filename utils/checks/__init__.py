"""Checks: is an augmentation correct?"""
