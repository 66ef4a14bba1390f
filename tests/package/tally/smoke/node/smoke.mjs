// The smoke client of the tally fixture in Node: imports the installed package and reports as every smoke client does.
import { add, library } from "@tally/native";

const endpoint = process.argv[5] ?? "";
const ok = add(40, 2) === 42 && endpoint.startsWith("tally://127.0.0.1:");
console.log(JSON.stringify({ step: "add", ok, ms: 0 }));
console.log(JSON.stringify({ summary: { passed: ok ? 1 : 0, failed: ok ? 0 : 1, library } }));
process.exitCode = ok ? 0 : 1;
