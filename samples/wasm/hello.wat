;; sirsi wasm run samples/wasm/hello.wat
(module $hello
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $descriptor i32) (param $buffers i32) (param $count i32) (param $written i32) (result i32)))
  (memory (export "memory") 1)

  ;; One buffer: its address and its length. The number of bytes written goes to 8.
  (data (i32.const 0) "\10\00\00\00" "\16\00\00\00")
  (data (i32.const 16) "Hello from a sandbox.\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
