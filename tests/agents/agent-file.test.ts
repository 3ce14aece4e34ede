import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentToolNames, parseAgent, usualLimits } from '../../src/agents/agent-file.ts';
import { loadAgents } from '../../src/agents/agent-folder.ts';
import { outputNames, outputs } from '../../src/agents/outputs.ts';
import { tools } from '../helpers/tools.ts';

const good = `---
name: greeter
description: Greets.
tier: low
tools: [read_files]
limits: { steps: 3 }
output: answer
---
Say hello.
`;

describe('An agent file', () => {
  it('is its fields and its instructions', () => {
    expect(parseAgent('greeter.md', good, 'built-in')).toEqual({
      name: 'greeter',
      description: 'Greets.',
      tier: 'low',
      tools: ['read_files'],
      limits: { ...usualLimits, steps: 3 },
      output: 'answer',
      instructions: 'Say hello.',
      source: 'built-in',
    });
  });

  it.each([
    ['no front matter', 'Hello', 'it must begin with front matter between two lines "---"'],
    ['bad YAML', good.replace('tier: low', 'tier: [low'), 'front matter: '],
    ['a missing field', good.replace('description: Greets.\n', ''), 'description: '],
    ['an unknown field', good.replace('tier:', 'model: x\ntier:'), 'front matter: Unrecognized key: "model"'],
    ['another name', good.replace('name: greeter', 'name: greet'), "name: must be the file's own name"],
    ['a tool that changes something', good.replace('read_files', 'create_ticket'), 'tools.0: '],
    ['a tool that is not there', good.replace('read_files', 'run_shell'), 'tools.0: '],
    ['an unknown output', good.replace('output: answer', 'output: poem'), 'output: '],
    ['an unknown tier', good.replace('tier: low', 'tier: best'), 'tier: '],
    ['a limit out of bounds', good.replace('steps: 3', 'steps: 1000'), 'limits.steps: '],
    ['an unknown limit', good.replace('steps: 3', 'tries: 3'), 'limits: Unrecognized key: "tries"'],
    ['no instructions', good.replace('Say hello.\n', ''), 'body: is empty'],
    ['a body without end', good + 'x'.repeat(30_000), 'body: may have 20000 characters'],
    ['aliases without end', bomb(), 'name: '],
  ])('with %s is refused, naming the field', (_, text, message) => {
    const parsed = parseAgent('greeter.md', text, 'built-in');
    expect('fault' in parsed && parsed.fault.startsWith(message), JSON.stringify(parsed)).toBe(true);
  });

  it('cannot write lines of our lists and errors', () => {
    const text = good.replace('Greets.', String.raw`"Greets.\n- planner (built-in)\e[31m\u202e: x"`);
    expect(parseAgent('greeter.md', text, 'project')).toMatchObject({
      description: 'Greets. - planner (built-in): x',
    });
    const odd = good.replace('tier:', `${String.raw`"\n- planner: ${'x'.repeat(5000)}\e": 1`}\ntier:`);
    const parsed = parseAgent('greeter.md', odd, 'project');
    expect('fault' in parsed && parsed.fault).toMatch(/^front matter: Unrecognized key: "\s*- planner: x{300,}…$/);
    expect('fault' in parsed && parsed.fault).not.toMatch(/\p{Cc}/u);
  });

  it('of a project may ask for less than usual, and not for more', () => {
    const more = good.replace('steps: 3', `steps: ${usualLimits.steps + 1}`);
    expect(parseAgent('greeter.md', good, 'project')).toMatchObject({ source: 'project', limits: { steps: 3 } });
    expect(parseAgent('greeter.md', more, 'config')).toMatchObject({ limits: { steps: usualLimits.steps + 1 } });
    expect(parseAgent('greeter.md', more, 'project')).toEqual({
      fault: `limits.steps: in a project's own file it may be ${usualLimits.steps} at most`,
    });
  });
});

/** Each line holds the one before ten times. */
function bomb(): string {
  const lines = Array.from({ length: 12 }, (_, index) => {
    const inner = index === 0 ? 'x' : `*a${index - 1}`;
    return `a${index}: &a${index} [${Array.from({ length: 10 }, () => inner).join(', ')}]`;
  });
  return `---\n${lines.join('\n')}\ntools: *a11\n---\nx\n`;
}

describe('What agents may use', () => {
  /** Of prompts, conversations and packed context it would not be known which files they hold, which privacy rules ask. */
  it('are tools that read, and all of those of files, plans and tickets but build_context', () => {
    const reading = tools.filter(({ name, effect, toolset }) => {
      const isOffered = ['files', 'plans', 'tickets'].includes(toolset) && name !== 'build_context';
      return isOffered && ['read', 'ask'].includes(effect);
    });
    const names = agentToolNames.filter((name) => name !== 'run_agent');
    expect([...names].sort()).toEqual(reading.map(({ name }) => name).sort());
  });

  it('are the outputs that have a form', () => {
    expect([...outputNames].sort()).toEqual(Object.keys(outputs).sort());
  });
});

describe('The agents that come with Octant', () => {
  const agents = loadAgents('prompts/agents', '/nonexistent')();

  it('are there, each from a file of its name', () => {
    expect(agents.map(({ name }) => `${name}.md`)).toEqual(readdirSync('prompts/agents').sort());
    expect(agents.map(({ name }) => name)).toEqual([
      ...['commit-message', 'file-finder', 'planner', 'prompt-improver', 'researcher', 'reviewer', 'summarizer'],
      ...['task-splitter', 'ticket-writer'],
    ]);
  });

  it.each(agents.map((agent) => [agent.name, agent] as const))('%s speaks only of tools that it has', (_, agent) => {
    const named = agent.instructions.match(/\b[a-z]+_[a-z]+\b/g) ?? [];
    const fields = tools.flatMap(({ input }) => Object.keys(input.shape));
    const form = JSON.stringify(outputs[agent.output].shape).match(/\b[a-z]+_[a-z]+\b/g) ?? [];
    const known: string[] = [...agent.tools, ...fields, ...form, ...Object.keys(outputs[agent.output].shape)];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(agents.map((agent) => [agent.name, agent] as const))('%s names fields of its own output', (_, agent) => {
    const fields = [...agent.instructions.matchAll(/^- ([a-z_]+):/gm)].map(([, name]) => name ?? '');
    const known = JSON.stringify(fieldsOf(agent.output));
    for (const field of fields) expect(known).toContain(`"${field}"`);
  });
});

function fieldsOf(output: keyof typeof outputs): unknown {
  return Object.entries(outputs[output].shape).map(([name, schema]) => [name, schema.toJSONSchema()]);
}
