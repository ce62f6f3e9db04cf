// Stands in for a header that wasi-libc lacks: nothing measured here jumps.
#pragma once
