// Gives AsyncAPI documents to the official parser and prints what it makes of each, one JSON a line.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const parser = new Parser();
for (const path of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(readFileSync(path, 'utf8'));
  const complaints = diagnostics
    .filter((diagnostic) => diagnostic.code !== 'asyncapi-latest-version')
    .map(({ code, message, path: where }) => ({ code, message, where: where.join('.') }));
  console.log(JSON.stringify({
    accepted: document !== undefined,
    complaints,
    channels: document?.allChannels().map((channel) => channel.address()) ?? [],
    messages: document?.allMessages().length ?? 0,
    operations: document?.allOperations().length ?? 0,
  }));
}
