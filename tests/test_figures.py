"""Figures that lessons share."""

import numpy as np

from utils import figures


def test_pictures_stand_in_rows_with_their_captions():
    images = [np.full([2, 2, 3], number, np.uint8) for number in (0, 100, 200)]
    figure = figures.pictures(images, ["black", "gray\ntwo lines", "bright"], columns=2)
    shown = [axis for axis in figure.axes if axis.images]
    assert [axis.get_xlabel() for axis in shown] == ["black", "gray\ntwo lines", "bright"]
    assert [axis.images[0].get_array().mean() for axis in shown] == [0, 100, 200]
    assert len(figure.axes) == 4 and figure.axes[2].get_position().y1 < figure.axes[0].get_position().y0


def test_pictures_of_floats_are_rounded_and_clipped():
    image = np.array([[[-3.0, 99.6, 300.0]]])
    figure = figures.pictures([image], ["out of range"])
    assert figure.axes[0].images[0].get_array().tolist() == [[[0, 100, 255]]]
