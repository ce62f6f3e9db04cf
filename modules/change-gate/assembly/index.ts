// An agent that lets a change through when a person has said yes. A message of any type describes a change; the agent asks for approval and answers whoever waits with the request's number. When the person has
// answered, or nobody did in time, it publishes "change.approved", "change.denied" or "change.expired" with the description, if it was granted to publish them.
import { Config, Host, LogLevel, Memory, Var } from "@extism/as-pdk";

// @ts-ignore: decorator
@external("extism:host/env", "error_set")
declare function error_set(reason: u64): void;

// @ts-ignore: decorator
@external("extism:host/user", "approval_request")
declare function approval_request(kind: u64, details: u64, milliseconds: u64): u64;

// @ts-ignore: decorator
@external("extism:host/user", "bus_publish")
declare function bus_publish(subject: u64, key: u64, payload: u64): u64;

export function on_message(): i32 {
  const change = String.UTF8.decode(Host.input().buffer).trim();
  if (change.length == 0) {
    error_set(offset("A change is described in words."));
    return 1;
  }

  const hours = Config.get("hours");
  const milliseconds = <u64>(hours === null ? 24 : I64.parseInt(hours)) * 3600000;
  const number = approval_request(offset(change.length > 100 ? change.substring(0, 100) : change), offset(change), milliseconds).toString();
  Var.set("change-" + number, bytes(change));
  Host.output(bytes("asked: " + number));
  return 0;
}

export function on_event(): i32 {
  const answer = String.UTF8.decode(Host.input().buffer);
  const number = member(answer, '"number":', ",");
  const name = "change-" + number;
  const change = Var.get(name);
  if (change === null) return 0;
  Var.remove(name);
  const decision = member(answer, '"decision":"', '"').toLowerCase();
  bus_publish(offset("change." + decision), offset(name), offset(String.UTF8.decode(change.buffer)));
  return 0;
}

// The host writes these members itself, so that what is between is found by what is around it.
function member(json: string, before: string, after: string): string {
  const begin = json.indexOf(before) + before.length;
  return begin < before.length ? "" : json.substring(begin, json.indexOf(after, begin));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function offset(text: string): u64 {
  return Memory.allocateString(text).offset;
}

// What the compiler's run-time calls when something cannot go on: the turn fails, and the log says where.
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  Host.log(LogLevel.Error, (message === null ? "failed" : message) + " at " + (file === null ? "" : file) + ":" + line.toString() + ":" + column.toString());
  unreachable();
}
