;; An agent that counts messages and tasks. Its count is the variable "count", eight bytes, so that it outlives the agent's memory; the answer is the count in decimal digits.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "store_u8" (func $store_byte (param i64 i32)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))

  ;; A block with the variable's name: "count", a letter a byte.
  (func $name (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 5)))
    (call $store_byte (local.get $block) (i32.const 0x63))
    (call $store_byte (i64.add (local.get $block) (i64.const 1)) (i32.const 0x6f))
    (call $store_byte (i64.add (local.get $block) (i64.const 2)) (i32.const 0x75))
    (call $store_byte (i64.add (local.get $block) (i64.const 3)) (i32.const 0x6e))
    (call $store_byte (i64.add (local.get $block) (i64.const 4)) (i32.const 0x74))
    (local.get $block))

  ;; How many decimal digits a number has.
  (func $digits (param $number i64) (result i64)
    (local $digits i64)
    (loop $next
      (local.set $digits (i64.add (local.get $digits) (i64.const 1)))
      (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
      (br_if $next (i64.ne (local.get $number) (i64.const 0))))
    (local.get $digits))

  ;; Answers with a number in decimal digits.
  (func $answer (param $number i64)
    (local $length i64) (local $block i64) (local $at i64)
    (local.set $length (call $digits (local.get $number)))
    (local.set $block (call $alloc (local.get $length)))
    (local.set $at (local.get $length))
    (loop $next
      (local.set $at (i64.sub (local.get $at) (i64.const 1)))
      (call $store_byte
        (i64.add (local.get $block) (local.get $at))
        (i32.add (i32.const 0x30) (i32.wrap_i64 (i64.rem_u (local.get $number) (i64.const 10)))))
      (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
      (br_if $next (i64.ne (local.get $at) (i64.const 0))))
    (call $output (local.get $block) (local.get $length)))

  (func (export "on_message") (export "on_task") (result i32)
    (local $block i64) (local $count i64)
    (local.set $block (call $var_get (call $name)))
    (if (i64.ne (local.get $block) (i64.const 0))
      (then (local.set $count (call $load (local.get $block)))))
    (local.set $count (i64.add (local.get $count) (i64.const 1)))
    (local.set $block (call $alloc (i64.const 8)))
    (call $store (local.get $block) (local.get $count))
    (call $var_set (call $name) (local.get $block))
    (call $answer (local.get $count))
    (i32.const 0)))
