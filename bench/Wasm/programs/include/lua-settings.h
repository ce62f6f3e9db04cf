// Included before each file of Lua. An error of a script stops the program with a trap, as there is no setjmp; the measured script makes
// none. Nothing is random.
#pragma once
#define luai_jmpbuf int
#define LUAI_THROW(L, c) __builtin_trap()
#define LUAI_TRY(L, c, a) \
    { a }
#define luai_makeseed(L) 1u
#define l_randomizePivot() 0u
