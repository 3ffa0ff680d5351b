"""The helper package of the course: small modules, one idea each."""
