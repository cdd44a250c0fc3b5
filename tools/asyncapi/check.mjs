// Reads an AsyncAPI document with AsyncAPI's own parser and says what it finds, a line each; exit status 1 on an error.
import { Parser, fromFile } from "@asyncapi/parser";

const ERROR = 0;
const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
for (const { severity, code, path, message } of diagnostics) {
  console.log(`${severity === ERROR ? "error" : "note"} ${code} at ${path.join(".")}: ${message}`);
}
const failed = document === undefined || diagnostics.some(({ severity }) => severity === ERROR);
if (!failed) {
  console.log(`${document.channels().length} channels, ${document.operations().length} operations`);
}
process.exitCode = failed ? 1 : 0;
