"""Regenerate what is committed about the toy dogs.

python tools/draw_toy_dogs.py manifest    after any change of the drawings or of the counts
python tools/draw_toy_dogs.py sheets      the contact sheets of data/toy_dogs/README.md
"""

import argparse
import pathlib
from collections.abc import Sequence

import toy_dogs
from PIL import Image, ImageDraw, ImageFont
from toy_dogs import breeds, manifest, portrait

PACKAGE = pathlib.Path(toy_dogs.__file__).parent
TILE, COLUMNS, HEADING = 74, 5, 18


def write_manifest() -> None:
    manifest.write(toy_dogs.prepare(PACKAGE.parent / "prepared"))
    print(manifest.PATH, manifest.LABELS_PATH, sep="\n")


def tile(breed: breeds.Breed, index: int) -> Image.Image:
    """Return one portrait of the training split, cropped to its centered square."""
    image = Image.fromarray(portrait.portrait(breed, "train", index)[0])
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return square.resize((TILE, TILE), Image.Resampling.LANCZOS)


def sheet(rows: Sequence[breeds.Breed]) -> Image.Image:
    """Return a picture with two breeds in a row and their names above them."""
    width = 2 * COLUMNS * TILE + HEADING
    picture = Image.new("RGB", (width, -(-len(rows) // 2) * (TILE + HEADING)), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for place, breed in enumerate(rows):
        left, top = place % 2 * (COLUMNS * TILE + HEADING), place // 2 * (TILE + HEADING)
        pen.text((left + 3, top + 1), breed.name, fill=(60, 40, 40), font=font)
        for column in range(COLUMNS):
            picture.paste(tile(breed, column), (left + column * TILE, top + HEADING))
    return picture.point([min(255, (level + 2) // 4 * 4) for level in range(256)] * 3)  # compresses better


def write_sheets() -> None:
    for name, rows in (("contact_sheet.png", breeds.BREEDS), ("more_breeds.png", breeds.MORE_BREEDS)):
        path = PACKAGE / name
        sheet(rows).save(path, optimize=True)
        print(path, f"{path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = {"manifest": write_manifest, "sheets": write_sheets}
    parser.add_argument("what", choices=actions)
    actions[parser.parse_args().what]()


if __name__ == "__main__":
    main()
