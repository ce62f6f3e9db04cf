// An agent that checks tags. A message holds resources, one a line: its name, then its tags as NAME=VALUE, with blanks between. The answer has a line for each thing that is wrong:
//
//     vm-1: lacks owner
//     vm-2: environment is 'tst', not one of prod, test
//
// or the one line "ok". The policy is the configuration "required" (see module.yaml).
import { Config, Host, LogLevel } from "@extism/as-pdk";

class Rule {
  constructor(public name: string, public allowed: string[]) {}

  problem(tags: Map<string, string>): string | null {
    if (!tags.has(this.name)) return "lacks " + this.name;
    const value = tags.get(this.name);
    if (this.allowed.length == 0 || this.allowed.includes(value)) return null;
    return this.name + " is '" + value + "', not one of " + this.allowed.join(", ");
  }
}

export function on_message(): i32 {
  const rules = policy(Config.get("required"));
  const answer: string[] = [];
  const lines = String.UTF8.decode(Host.input().buffer).split("\n");
  for (let i = 0; i < lines.length; i++) check(lines[i], rules, answer);
  Host.output(Uint8Array.wrap(String.UTF8.encode(answer.length == 0 ? "ok" : answer.join("\n"))));
  return 0;
}

function check(line: string, rules: Rule[], answer: string[]): void {
  const words = wordsOf(line);
  if (words.length == 0) return;
  const tags = new Map<string, string>();
  for (let i = 1; i < words.length; i++) {
    const equals = words[i].indexOf("=");
    if (equals > 0) tags.set(words[i].substring(0, equals), words[i].substring(equals + 1));
    else answer.push(words[0] + ": '" + words[i] + "' is no tag");
  }

  for (let i = 0; i < rules.length; i++) {
    const problem = rules[i].problem(tags);
    if (problem !== null) answer.push(words[0] + ": " + problem);
  }
}

function policy(text: string | null): Rule[] {
  const rules: Rule[] = [];
  const words = wordsOf(text === null ? "" : text);
  for (let i = 0; i < words.length; i++) {
    const equals = words[i].indexOf("=");
    rules.push(equals < 0 ? new Rule(words[i], []) : new Rule(words[i].substring(0, equals), words[i].substring(equals + 1).split("|")));
  }

  return rules;
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  const parts = text.split(" ");
  for (let i = 0; i < parts.length; i++) {
    const word = parts[i].trim();
    if (word.length > 0) words.push(word);
  }

  return words;
}

// What the compiler's run-time calls when something cannot go on: the turn fails, and the log says where.
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  Host.log(LogLevel.Error, (message === null ? "failed" : message) + " at " + (file === null ? "" : file) + ":" + line.toString() + ":" + column.toString());
  unreachable();
}
