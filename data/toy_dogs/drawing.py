"""One dog, painted from the back to the front."""

from toy_dogs.body import paint_body
from toy_dogs.canvas import Canvas
from toy_dogs.ears import UPRIGHT_EARS, paint_ears
from toy_dogs.face import paint_face
from toy_dogs.head import paint_head, paint_topknot
from toy_dogs.hints import Dog, Pose, Rng, Size
from toy_dogs.painter import Painter
from toy_dogs.view import View
from toy_dogs.wardrobe import paint_accessory


def draw_dog(dog: Dog, pose: Pose, view: View, size: Size, rng: Rng) -> Canvas:
    """Return a `Canvas` of `size` (width, height) with the dog and its mask."""
    painter = Painter(dog, pose, view, size, rng)
    paint_body(painter)
    paint_accessory(painter)
    upright = dog.ears in UPRIGHT_EARS  # these stand behind the head, the others hang in front of it
    if upright:
        paint_ears(painter)
    paint_head(painter)
    if not upright:
        paint_ears(painter)
    paint_topknot(painter)
    paint_face(painter)
    return painter.canvas
