/** A short tour of Octant, as a client sees it: `npm run demo`. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { repository } from '../tests/helpers/program.ts';
import { openClient } from './client.ts';

const patience = 5_000;

const projectAnswer = z.object({
  project: z.string(),
  name: z.string(),
  files: z.int(),
  bytes: z.int(),
  languages: z.array(z.object({ name: z.string(), files: z.int() })),
  entry_points: z.array(z.string()),
});

const searchAnswer = z.object({
  match_count: z.int(),
  files: z.array(z.object({ path: z.string(), matches: z.array(z.object({ line: z.int(), text: z.string() })) })),
});

const readAnswer = z.object({ files: z.array(z.object({ state: z.string(), text: z.string().optional() })) });

await tour().catch((error) => {
  console.error(`\nThe tour broke off: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});

async function tour() {
  const begin = performance.now();
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'octant-demo-')));
  const client = await openClient(repository, scratch);
  try {
    say(`Octant runs over stdio, protocol ${client.getNegotiatedProtocolVersion()}, and serves two folders:`);
    say(`  ${repository} (its own sources) and ${scratch} (empty)`);
    await showOffers(client);
    await showProject(client);
    await showTextSearch(client);
    await showPathSearch(client);
    await showOutline(client);
    await showResource(client);
    await showSubscription(client, scratch);
    await showRefusal(client, scratch);
  } finally {
    await client.close();
    rmSync(scratch, { recursive: true });
  }
  showHowToConnect(performance.now() - begin);
}

async function showOffers(client: Client) {
  ask('What do you offer?', 'tools/list, prompts/list');
  const { tools } = await client.listTools();
  const { prompts } = await client.listPrompts();
  expect(tools.length > 0 && prompts.length > 0, 'No tools or no prompts came.');
  say(`  Tools:   ${tools.map(({ name }) => name).join(', ')}`);
  say(`  Prompts: ${prompts.map(({ name }) => name).join(', ')}`);
}

async function showProject(client: Client) {
  ask('What is this project?', 'get_project');
  const { data } = await call(client, 'get_project', { commits: 1 }, projectAnswer);
  expect(data.languages.length > 0, 'No language was found.');
  say(`  ${data.name}: ${data.files} files, ${Math.round(data.bytes / 1024)} KiB`);
  say(
    `  Languages:    ${data.languages
      .slice(0, 4)
      .map(({ name, files }) => `${name} (${files})`)
      .join(', ')}`,
  );
  say(`  Entry points: ${data.entry_points.join(', ')}`);
}

async function showTextSearch(client: Client) {
  ask('Where is a file opened by a name that somebody gave?', 'search_files "openNamed" in src/');
  const { data } = await call(
    client,
    'search_files',
    { query: 'openNamed', include: ['src/'], limit: 4 },
    searchAnswer,
  );
  expect(data.match_count > 0, 'Nothing was found.');
  for (const { path, matches } of data.files) {
    for (const { line, text } of matches) say(`  ${path}:${line}  ${text.trim()}`);
  }
}

async function showPathSearch(client: Client) {
  ask('Which file was that, something with tools and search?', 'search_files "tlsrch", mode path');
  const { data } = await call(client, 'search_files', { query: 'tlsrch', mode: 'path', limit: 3 }, searchAnswer);
  expect(data.files.length > 0, 'No path was found.');
  for (const { path } of data.files) say(`  ${path}`);
}

async function showOutline(client: Client) {
  ask('What is in it?', 'read_files src/tools/search-files.ts, view outline');
  const args = { paths: ['src/tools/search-files.ts'], view: 'outline' };
  const { data, text } = await call(client, 'read_files', args, readAnswer);
  expect(data.files[0]?.text !== undefined, 'No outline came.');
  showLines(text, 7);
}

async function showResource(client: Client) {
  const uri = await resourceUri(client, repository, 'package.json');
  ask('And as a resource, for clients that attach files?', `resources/read ${uri}`);
  const [content] = (await client.readResource({ uri })).contents;
  const text = content !== undefined && 'text' in content ? content.text : '';
  expect(text === readFileSync(join(repository, 'package.json'), 'utf8'), 'It is not what is on disk.');
  say(`  ${content?.mimeType}, ${text.length} characters, the same as on disk`);
}

async function showSubscription(client: Client, scratch: string) {
  const file = join(scratch, 'notes.md');
  const uri = await resourceUri(client, scratch, 'notes.md');
  writeFileSync(file, 'first\n');
  ask('Tell me when this file changes.', `subscriptions/listen ${uri}`);
  const heard = new Promise<string>((resolve, reject) => {
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri));
    setTimeout(() => reject(new Error('No news of the change came.')), patience).unref();
  });
  const subscription = await client.listen({ resourceSubscriptions: [uri] });
  const changed = performance.now();
  writeFileSync(file, 'second\n');
  expect((await heard) === uri, 'The news was of something else.');
  say(`  Somebody wrote to it; the news came after ${Math.round(performance.now() - changed)} ms.`);
  await subscription.close();
}

async function showRefusal(client: Client, scratch: string) {
  writeFileSync(join(scratch, '.env'), 'API_KEY=do-not-show\n');
  ask('Read the keys in .env, please.', 'read_files .env');
  const { data, text } = await call(client, 'read_files', { paths: ['.env'], project: basename(scratch) }, readAnswer);
  expect(data.files[0]?.state === 'error' && !text.includes('do-not-show'), 'A secret file was shown.');
  showLines(text, 2);
}

function showHowToConnect(elapsedMs: number) {
  say(`\nThat took ${(elapsedMs / 1000).toFixed(1)} s. To connect a client of your own, Claude Code for instance:`);
  say(`  claude mcp add octant -- node ${join(repository, 'dist', 'octant.js')}`);
  say('The README has the lines for other clients, and the HTTP server.');
}

/** Calls a tool and returns its text and its data, which must have the shape that is shown here. */
async function call<Data>(client: Client, name: string, args: Record<string, unknown>, shape: z.ZodType<Data>) {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
  expect(!isError, `${name} refused: ${text}`);
  return { text, data: shape.parse(structuredContent) };
}

async function resourceUri(client: Client, folder: string, path: string): Promise<string> {
  const { data } = await call(client, 'get_project', { project: folder }, projectAnswer);
  return `octant://projects/${data.project}/files/${path}`;
}

function expect(isTrue: boolean, otherwise: string) {
  if (!isTrue) throw new Error(otherwise);
}

function ask(question: string, request: string) {
  say(`\n> ${question}   [${request}]`);
}

function showLines(text: string, most: number) {
  const lines = text.split('\n');
  for (const line of lines.slice(0, most)) say(`  ${line.replaceAll('\t', '  ').slice(0, 110)}`);
  if (lines.length > most) say(`  … and ${lines.length - most} lines more`);
}

function say(line: string) {
  console.log(line);
}
