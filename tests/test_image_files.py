"""Every kind of image file comes out as the RGB that its mode and format define."""

import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError, features

from utils.data import image_files

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 4), dtype=np.uint8)
GRAY = PIXELS[..., 0]
RGB = PIXELS[..., :3]


def save(folder, pixels, mode, name, **options):
    path = folder / name
    Image.fromarray(pixels).convert(mode).save(path, **options)
    return path


def over_white(rgb, alpha):
    share = alpha[..., None] / 255
    return rgb * share + 255 * (1 - share)


def three(gray):
    return np.repeat(np.asarray(gray)[..., None], 3, axis=-1)


def noise(height=120, width=160):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("extension", ["png", "bmp", "tif"])
def test_rgb_is_kept(tmp_path, extension):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, RGB, "RGB", f"a.{extension}")), RGB)


def test_rgb_webp_is_kept(tmp_path):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, RGB, "RGB", "a.webp", lossless=True)), RGB)


def test_jpeg_is_close(tmp_path):
    smooth = np.full((16, 16, 3), (200, 120, 40), np.uint8)
    result = image_files.read(save(tmp_path, smooth, "RGB", "a.jpg", quality=95))
    np.testing.assert_allclose(result, smooth, atol=3)


@pytest.mark.parametrize("extension", ["png", "bmp", "tif", "gif"])
def test_gray_is_repeated(tmp_path, extension):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, GRAY, "L", f"a.{extension}")), three(GRAY))


def test_one_bit_is_black_and_white(tmp_path):
    bits = GRAY > 127
    path = tmp_path / "a.png"
    Image.fromarray(bits).save(path)
    np.testing.assert_array_equal(image_files.read(path), three(np.where(bits, 255, 0)))


@pytest.mark.parametrize("extension", ["png", "tif"])
def test_16_bit_gray_is_scaled(tmp_path, extension):
    deep = np.random.default_rng(2).integers(0, 65536, (6, 9), dtype=np.uint16)
    deep[0, :2] = 0, 65535
    path = tmp_path / f"a.{extension}"
    Image.fromarray(deep).save(path)
    np.testing.assert_array_equal(image_files.read(path), three(np.round(deep / 65535 * 255)))


def test_16_bit_gray_of_the_other_byte_order_is_scaled(tmp_path):
    path = tmp_path / "a.tif"
    Image.frombytes("I;16B", (2, 1), bytes([0x80, 0x80, 0x00, 0x00])).save(path)
    assert image_files.read(path)[0, :, 0].tolist() == [128, 0]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_32_bit_pixels_are_refused(tmp_path, mode):
    path = save(tmp_path, GRAY, mode, "a.tif")
    assert "convert it to 8 bits" in image_files.why_unreadable(path.read_bytes())


def test_transparent_is_white(tmp_path):
    path = save(tmp_path, PIXELS, "RGBA", "a.png")
    np.testing.assert_allclose(image_files.read(path), over_white(RGB, PIXELS[..., 3]), atol=1)


def test_transparent_gray_is_white(tmp_path):
    path = tmp_path / "a.png"
    Image.merge("LA", [Image.fromarray(GRAY), Image.fromarray(PIXELS[..., 3])]).save(path)
    np.testing.assert_allclose(image_files.read(path), over_white(three(GRAY), PIXELS[..., 3]), atol=1)


@pytest.mark.parametrize("extension", ["png", "gif"])
def test_palette(tmp_path, extension):
    palette = [(255, 0, 0), (0, 255, 0), (10, 20, 30)]
    index = np.arange(12, dtype=np.uint8).reshape(3, 4) % 3
    image = Image.fromarray(index)
    image.putpalette([value for color in palette for value in color])
    image.save(tmp_path / f"a.{extension}")
    np.testing.assert_array_equal(image_files.read(tmp_path / f"a.{extension}"), np.array(palette)[index])


@pytest.mark.parametrize("extension", ["png", "gif"])
def test_palette_with_a_transparent_color(tmp_path, extension):
    image = Image.fromarray(np.array([[0, 1]], np.uint8))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / f"a.{extension}", transparency=1)
    result = image_files.read(tmp_path / f"a.{extension}")
    assert result.tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_rgb_with_a_transparent_color(tmp_path):
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    image.save(tmp_path / "a.png", transparency=(4, 5, 6))
    assert image_files.read(tmp_path / "a.png").tolist() == [[[1, 2, 3], [255, 255, 255]]]


@pytest.mark.parametrize(("extension", "tolerance"), [("tif", 1), ("jpg", 4)])
def test_cmyk_is_ink_on_white(tmp_path, extension, tolerance):
    inks = np.broadcast_to(np.array([10, 120, 200, 30], np.uint8), (16, 16, 4))
    path = tmp_path / f"a.{extension}"
    Image.frombytes("CMYK", (16, 16), inks.tobytes()).save(path)
    expected = (255 - inks[..., :3].astype(float)) * (255 - 30) / 255
    np.testing.assert_allclose(image_files.read(path), expected, atol=tolerance)


def test_ycbcr_tiff(tmp_path):
    path = tmp_path / "a.tif"
    Image.frombytes("YCbCr", (1, 1), bytes([100, 90, 170])).save(path)
    red, blue = 100 + 1.402 * (170 - 128), 100 + 1.772 * (90 - 128)
    green = 100 - 0.344136 * (90 - 128) - 0.714136 * (170 - 128)
    np.testing.assert_allclose(image_files.read(path)[0, 0], [red, green, blue], atol=1)


def test_first_picture_of_an_animation(tmp_path):
    first, second = Image.new("RGB", (4, 3), "red"), Image.new("RGB", (4, 3), "blue")
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (image_files.read(tmp_path / "a.gif") == (255, 0, 0)).all()


# What a viewer does with each orientation, in NumPy's words.
UPRIGHT = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
    8: lambda image: np.rot90(image),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("extension", ["png", "tif"])
def test_photos_are_turned_upright(tmp_path, orientation, extension):
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / f"a.{extension}", exif=exif)
    np.testing.assert_array_equal(image_files.read(tmp_path / f"a.{extension}"), UPRIGHT[orientation](RGB))


ORIENTATION = (0x0112, 3, 1, struct.pack("<HH", 6, 0))  # the camera was held upright


def exif(*entries):
    """Return EXIF with the orientation and `entries` = (tag, type, count, content)."""
    entries = sorted([ORIENTATION, *entries])
    place = 8 + 2 + 12 * len(entries) + 4
    directory, contents = struct.pack("<H", len(entries)), b""
    for tag, kind, count, content in entries:
        within = len(content) <= 4
        value = content.ljust(4, b"\0") if within else struct.pack("<I", place + len(contents))
        contents += b"" if within else content
        directory += struct.pack("<HHI", tag, kind, count) + value
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + directory + b"\0\0\0\0" + contents


ODD = {
    "resolution unit as text": exif((0x0128, 2, 2, b"2\0")),
    # https://github.com/python-pillow/Pillow/issues/4665 and /3973
    "two x resolutions": exif((0x011A, 5, 2, struct.pack("<IIII", 72, 1, 72, 1))),
    # https://github.com/python-pillow/Pillow/issues/8348
    "its head twice": b"Exif\0\0" + exif(),
    # https://github.com/hMatoba/Piexif/issues/55
    "gigabytes of a maker's name": exif((0x010F, 2, 2**30, b"Xiaomi")),
    "a maker's name that is cut short": exif((0x010F, 13, 3, b"Xiaomi")),
    # https://github.com/python-pillow/Pillow/issues/7340: a broken directory of the place
    "a place beyond the end": exif((0x8825, 4, 1, struct.pack("<I", 10**6))),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_whatever_else_the_exif_holds_the_orientation_counts(tmp_path, extension, odd):
    plain, path = tmp_path / f"plain.{extension}", tmp_path / f"a.{extension}"
    Image.fromarray(noise(60, 40)).save(plain)
    Image.fromarray(noise(60, 40)).save(path, exif=ODD[odd])
    assert image_files.why_unreadable(path.read_bytes()) is None
    np.testing.assert_array_equal(image_files.read(path), np.rot90(image_files.read(plain), -1))


@pytest.mark.parametrize("broken", [b"", b"II*\0", b"\xff\xe1" * 9, b"MM\0*\0\0\0\x08\0\x05"])
def test_exif_that_cannot_be_read_states_no_orientation(tmp_path, broken):
    """https://github.com/bigcat88/pillow_heif/issues/92: "not a TIFF file", with a phone's photos."""
    plain, path = tmp_path / "plain.jpg", tmp_path / "a.jpg"
    Image.fromarray(noise()).save(plain)
    Image.fromarray(noise()).save(path, exif=b"Exif\0\0" + broken)
    assert image_files.why_unreadable(path.read_bytes()) is None
    np.testing.assert_array_equal(image_files.read(path), image_files.read(plain))


def test_odd_exif_is_no_reason_to_warn(tmp_path):
    """The warnings of https://github.com/hMatoba/Piexif/issues/55 say nothing about the pixels."""
    path = tmp_path / "a.jpg"
    Image.fromarray(noise()).save(path, exif=ODD["gigabytes of a maker's name"])
    code = "import sys; from utils.data import image_files; image_files.read(sys.argv[1])"
    ended = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_odd_tiff_is_turned_upright(tmp_path):
    image = Image.fromarray(RGB)
    tags = image.getexif()
    tags[0x0112], tags[0x013B] = 6, "Größe"
    image.save(tmp_path / "a.tif", exif=tags)
    np.testing.assert_array_equal(image_files.read(tmp_path / "a.tif"), np.rot90(RGB, -1))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow does not read AVIF")
def test_avif(tmp_path):
    smooth = np.full((32, 16, 3), (200, 120, 40), np.uint8)
    smooth[:8] = 20
    Image.fromarray(smooth).save(tmp_path / "a.avif", quality=95, exif=exif())
    result = image_files.read(tmp_path / "a.avif")
    np.testing.assert_allclose(result, np.rot90(smooth, -1).astype(int), atol=30)
    content = (tmp_path / "a.avif").read_bytes()
    assert image_files.why_unreadable(content) is None
    assert image_files.why_unreadable(content[: len(content) // 2])


def test_a_pillow_without_avif_says_what_to_do(monkeypatch):
    """https://github.com/gradio-app/gradio/issues/10381: "cannot identify image file"."""

    def refuse(file):
        raise UnidentifiedImageError

    monkeypatch.setattr(image_files.Image, "open", refuse)
    monkeypatch.setattr(image_files.features, "check", lambda feature: False)
    reason = image_files.why_unreadable(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1")
    assert reason == "this computer's Pillow does not read AVIF: install Pillow 11.3 or newer"
    assert image_files.why_unreadable(b"no image at all") == "it is not an image"


def test_a_failure_without_words_is_a_failure(monkeypatch):
    def refuse(file):
        raise AssertionError

    monkeypatch.setattr(image_files.Image, "open", refuse)
    assert image_files.why_unreadable(b"") == "AssertionError"


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tif", "bmp", "gif"])
def test_truncation_is_found(tmp_path, extension):
    whole = save(tmp_path, noise(), "RGB", f"whole.{extension}")
    cut = tmp_path / f"cut.{extension}"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    assert image_files.why_unreadable(whole.read_bytes()) is None
    assert image_files.why_unreadable(cut.read_bytes())


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_check_and_reading_agree_on_every_cut(tmp_path, mode, progressive):
    content = save(tmp_path, noise(), mode, "whole.jpg", progressive=progressive).read_bytes()
    cuts = [*range(0, len(content), 997), *range(len(content) - 12, len(content))]
    found = []
    for cut in cuts:
        path = tmp_path / "cut.jpg"
        path.write_bytes(content[:cut])
        found.append(image_files.why_unreadable(path.read_bytes()) is None)
        assert found[-1] == reads(path), f"first {cut} of {len(content)} bytes"
    assert not any(found[:-12])


def reads(path):
    try:
        image_files.read(path)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_what_is_no_image_is_found(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert image_files.why_unreadable(path.read_bytes()) == "it is not an image"
