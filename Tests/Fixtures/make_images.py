"""Writes the tiny PNG files of Tests/Fixtures/images. Needs Pillow. Run from any folder; the files are committed.

Every file shows the same 6 x 4 picture, red = 40 * column, green = 60 * row, blue = 90, as far as its colour type can.
"""
import struct
import zlib
from pathlib import Path

from PIL import Image

here = Path(__file__).parent / "images"
here.mkdir(exist_ok=True)
W, H = 6, 4
rgb = Image.new("RGB", (W, H))
rgb.putdata([(40 * x, 60 * y, 90) for y in range(H) for x in range(W)])
rgb.save(here / "rgb8.png")
rgb.quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(here / "palette.png")
grey = Image.new("L", (W, H))
grey.putdata([10 * (y * W + x) for y in range(H) for x in range(W)])
grey.save(here / "grey8.png")
grey16 = Image.new("I;16", (W, H))
for y in range(H):
    for x in range(W):
        grey16.putpixel((x, y), 257 * 10 * (y * W + x))
grey16.save(here / "grey16.png")
Image.new("1", (W, H), 1).save(here / "bit1.png")
alpha = rgb.convert("RGBA")
alpha.putdata([(40 * x, 60 * y, 90, 255 if x < 3 else 0) for y in range(H) for x in range(W)])
alpha.save(here / "alpha.png")


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(depth, color, interlace, rows):
    header = struct.pack(">IIBBBBB", W, H, depth, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# Pillow writes neither 16-bit RGB nor interlaced files, so these two are put together by hand.
rows = b"".join(b"\0" + b"".join(struct.pack(">3H", 257 * 40 * x, 257 * 60 * y, 257 * 90) for x in range(W)) for y in range(H))
(here / "rgb16.png").write_bytes(png(16, 2, 0, rows))
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
rows = b""
for x0, y0, dx, dy in passes:
    for y in range(y0, H, dy):
        line = b"".join(bytes((40 * x, 60 * y, 90)) for x in range(x0, W, dx))
        rows += b"\0" + line if line else b""
(here / "interlaced.png").write_bytes(png(8, 2, 1, rows))
whole = (here / "rgb8.png").read_bytes()
(here / "truncated.bin").write_bytes(whole[: len(whole) - 30])
bomb = bytearray(png(8, 2, 0, b"\0"))
bomb[16:24] = struct.pack(">II", 20000, 20000)
bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
(here / "huge.bin").write_bytes(bytes(bomb))
print(*sorted(p.name for p in here.iterdir()))
