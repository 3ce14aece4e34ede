import { type Plan, type PlanDocument, planId, type Step, stepId } from './plan.ts';
import type { StepTicket } from './progress.ts';
import { stateOf } from './progress.ts';
import { waves } from './step-graph.ts';

/** A plan, whole, as people read it; with the graph of its steps. */
export function planMarkdown({ number, revision, document }: Plan, tickets: readonly StepTicket[]): string {
  const { title, goal, constraints, approach, alternatives, assumptions, questions, steps, test_plan, rollout } =
    document;
  const origin = document.mode === 'offline' ? 'made without a model' : `made by ${document.model ?? 'a model'}`;
  const parts = [
    `# ${planId(number)}: ${title}`,
    `Revision ${revision}, ${origin}${document.ticket === undefined ? '' : `, for ${document.ticket}`}.`,
    `## Goal\n\n${goal}`,
    list('Constraints', constraints),
    approach && `## Approach\n\n${approach}`,
    list('Alternatives', alternatives),
    list('Assumptions', assumptions),
    list(
      'Questions',
      questions.map(({ id, text, assumed, answer }) => {
        return `**${id}** ${text}${answer === undefined ? (assumed === undefined ? '' : ` (assumed: ${assumed})`) : ` **${answer}**`}`;
      }),
    ),
    steps.length > 0 && `## Steps\n\n\`\`\`mermaid\n${planMermaid(document, tickets)}\n\`\`\``,
    ...steps.map((step) => stepMarkdown(number, step, tickets)),
    list('Test plan', test_plan),
    list('Rollout', rollout),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : `## ${title}\n\n${items.map((item) => `- ${item.replaceAll('\n', '\n  ')}`).join('\n')}`;
}

function stepMarkdown(number: number, step: Step, tickets: readonly StepTicket[]): string {
  const own = tickets.filter((each) => each.step === step.id);
  const facts = [
    `Size: ${step.size}`,
    ...(step.depends_on.length > 0 ? [`after step ${step.depends_on.join(', ')}`] : []),
    ...own.map(({ id, status }) => `${id} (${status})`),
  ];
  const isDone = stateOf(own) === 'done';
  return [
    `### ${step.id}. ${step.title} (${stepId(number, step.id)})`,
    ...(step.why ? [step.why] : []),
    `${facts.join('; ')}.`,
    ...(step.files.length > 0 ? [step.files.map(({ path, action }) => `- ${action} \`${path}\``).join('\n')] : []),
    ...(step.acceptance.length > 0
      ? [
          step.acceptance
            .map(
              ({ text, check }) => `- [${isDone ? 'x' : ' '}] ${text}${check === undefined ? '' : ` (\`${check}\`)`}`,
            )
            .join('\n'),
        ]
      : []),
    ...(step.risk === undefined ? [] : [`Risk: ${step.risk}`]),
  ].join('\n\n');
}

const maxLabel = 60;

/** The steps as a Mermaid flow chart: an arrow leads from what must be done first; steps of one wave stand in one group. */
export function planMermaid({ steps }: Pick<PlanDocument, 'steps'>, tickets: readonly StepTicket[]): string {
  const known = new Map(steps.map((step) => [step.id, step]));
  const groups = waves(steps).flatMap((group, index) => [
    `  subgraph wave${index + 1}["${index + 1}"]`,
    ...group.map((id) => `    s${id}["${id}. ${labelOf(known.get(id)?.title ?? '')}"]`),
    '  end',
  ]);
  const arrows = steps.flatMap(({ id, depends_on }) =>
    depends_on.filter((each) => known.has(each)).map((each) => `  s${each} --> s${id}`),
  );
  const states = steps.map(({ id }) => ({ id, state: stateOf(tickets.filter(({ step }) => step === id)) }));
  const classes = (['done', 'in_progress'] as const).flatMap((name) => {
    const ids = states.filter(({ state }) => state === name).map(({ id }) => `s${id}`);
    return ids.length === 0 ? [] : [`  class ${ids.join(',')} ${name}`];
  });
  const styles = ['  classDef done fill:#cfc', '  classDef in_progress fill:#ffc'];
  return ['flowchart LR', ...groups, ...arrows, ...(classes.length > 0 ? [...styles, ...classes] : [])].join('\n');
}

/** Within quotes, Mermaid reads entities, so that nothing of a title is taken for its grammar. */
function labelOf(title: string): string {
  const short = title.length > maxLabel ? `${title.slice(0, maxLabel - 1).toWellFormed()}…` : title;
  return short.replace(/[#"<>&`\\[\]{}|\n]/g, (character) => `#${character.charCodeAt(0)};`);
}
