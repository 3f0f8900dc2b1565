// Only libpng's simplified API (png_image_*) is used: it reports errors by return value, so no longjmp
// crosses a Swift frame.
#pragma once
#include <png.h>
