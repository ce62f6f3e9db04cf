// A real program: the Lua interpreter runs a script with tables, strings, closures, metatables and sorting.
#include <stdio.h>
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#include "../kernels/kernel.h"
SIZES(1, 30)

static const char script[] =
    "local Account = {}\n"
    "Account.__index = Account\n"
    "function Account.new(name) return setmetatable({name = name, balance = 0, log = {}}, Account) end\n"
    "function Account:pay(amount)\n"
    "  self.balance = self.balance + amount\n"
    "  self.log[#self.log + 1] = amount\n"
    "  return self\n"
    "end\n"
    "local function generator(seed)\n"
    "  return function(most) seed = (seed * 1103515245 + 12345) % 2147483648; return seed // 65536 % most + 1 end\n"
    "end\n"
    "local function map(list, f) local r = {}; for i, v in ipairs(list) do r[i] = f(v) end; return r end\n"
    "local function words(random)\n"
    "  local text = {}\n"
    "  for i = 1, 600 do text[i] = string.format('%s-%03d', ({'web', 'db', 'cache', 'queue'})[random(4)], random(60)) end\n"
    "  local count = {}\n"
    "  for word in table.concat(text, ' '):gmatch('[%a]+%-%d+') do count[word] = (count[word] or 0) + 1 end\n"
    "  local keys = {}\n"
    "  for word in pairs(count) do keys[#keys + 1] = word end\n"
    "  table.sort(keys, function(a, b) if count[a] ~= count[b] then return count[a] > count[b] end return a < b end)\n"
    "  return #keys * 1000 + count[keys[1]] + #(keys[1]:upper():rep(3, ','):gsub('%d', '#'))\n"
    "end\n"
    "local function queens(n, row, taken)\n"
    "  if row > n then return 1 end\n"
    "  local found = 0\n"
    "  for column = 1, n do\n"
    "    local free = true\n"
    "    for r = 1, row - 1 do\n"
    "      local c = taken[r]\n"
    "      if c == column or c - column == r - row or c - column == row - r then free = false break end\n"
    "    end\n"
    "    if free then taken[row] = column; found = found + queens(n, row + 1, taken) end\n"
    "  end\n"
    "  return found\n"
    "end\n"
    "function run(n)\n"
    "  local random, sum = generator(n), 0\n"
    "  for round = 1, n do\n"
    "    local accounts = {}\n"
    "    for i = 1, 40 do accounts[i] = Account.new('account' .. i) end\n"
    "    for i = 1, 2000 do accounts[random(40)]:pay(random(100)) end\n"
    "    table.sort(accounts, function(a, b) return a.balance > b.balance end)\n"
    "    for i, b in ipairs(map(accounts, function(a) return a.balance * #a.log end)) do sum = sum + b * i end\n"
    "    sum = sum + words(random) + queens(6, 1, {})\n"
    "    local x = 0.0\n"
    "    for i = 1, 3000 do x = x + math.sqrt(i) / (i % 7 + 1) end\n"
    "    sum = sum + math.floor(x)\n"
    "  end\n"
    "  return sum\n"
    "end\n";

// Lua can load scripts from files; this one has none to read.
FILE *fopen(const char *path, const char *mode) { return (void)path, (void)mode, NULL; }
FILE *freopen(const char *path, const char *mode, FILE *file) { return (void)path, (void)mode, (void)file, NULL; }

RUN int64_t run(int n) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base}, {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math}};
    lua_State *lua = luaL_newstate();
    for (int i = 0; i < 4; i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    if (luaL_loadbuffer(lua, script, sizeof script - 1, "script") != LUA_OK) abort();
    lua_call(lua, 0, 0);
    lua_getglobal(lua, "run");
    lua_pushinteger(lua, n);
    lua_call(lua, 1, 1);
    int64_t result = lua_tointeger(lua, -1);
    lua_close(lua);
    return result;
}
