import * as z from 'zod';
import { cleanLine, cleanText } from '../text/clean.ts';
import { type ForeignTicket, priorityOf, statusOf, titleAndOverview } from './foreign.ts';
import type { TaskChange } from './tasks.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const ids = z
  .array(z.coerce.string())
  .nullish()
  .transform((value) => value ?? []);

const subtask = z.looseObject({
  id: z.coerce.string(),
  title: z.string(),
  ...{ description: text, details: text, testStrategy: text, status: text, dependencies: ids },
});

const task = subtask.extend({
  priority: text,
  subtasks: z
    .array(subtask)
    .nullish()
    .transform((value) => value ?? []),
});

const tag = z.looseObject({ tasks: z.array(task) });
/** By tag; older files hold the tasks of the one tag that there was. */
const file = z.union([tag.transform((master) => ({ master })), z.record(z.string(), tag)]);

/**
 * The tasks of a Task Master `tasks.json` (https://docs.task-master.dev/capabilities/task-structure): a task becomes a
 * ticket, its subtasks become tasks, and a tag other than "master" becomes a label.
 *
 * @returns `undefined` for JSON of another form
 */
export function fromTaskMaster(json: unknown): ForeignTicket[] | undefined {
  const parsed = file.safeParse(json);
  if (!parsed.success) return undefined;
  return Object.entries(parsed.data).flatMap(([name, { tasks }]) => tasks.map((each) => toTicket(name, each)));
}

function toTicket(tagName: string, task: z.infer<typeof tag>['tasks'][number]): ForeignTicket {
  const { id, title, description, details, testStrategy, status, priority, dependencies, subtasks } = task;
  const labels = [...(tagName === 'master' ? [] : [cleanLine(tagName)]), ...(status === 'deferred' ? [status] : [])];
  const parts = [
    ['', description],
    ['Details', details],
    ['Test strategy', testStrategy],
  ] as const;
  return {
    origin: originOf(tagName, id),
    change: {
      ...titleAndOverview(title, parts),
      ...{ status: statusOf(status), priority: priorityOf(priority), labels },
      tasks: toTasks(id, subtasks),
    },
    links: dependencies.map((other) => ({ kind: 'blocked_by', origin: originOf(tagName, other) })),
    comments: [],
  };
}

/** New tasks are numbered from 1 in their order. A dependency on what is no subtask of the same task is left out. */
function toTasks(parent: string, subtasks: ReadonlyArray<z.infer<typeof subtask>>): TaskChange[] {
  const numbers = new Map(subtasks.map(({ id }, index) => [id, index + 1]));
  return subtasks.map(({ id, title, description, details, testStrategy, status, dependencies }) => ({
    title: cleanLine(title) || `Subtask ${id}`,
    done: statusOf(status) === 'done',
    description: [description, details, testStrategy]
      .map((each) => cleanText(each).trim())
      .filter(Boolean)
      .join('\n\n'),
    dependsOn: dependencies.flatMap((other) => numbers.get(withoutParent(other, parent)) ?? []),
  }));
}

/** Both `2` and `5.2` name the second subtask of task 5. */
function withoutParent(id: string, parent: string): string {
  return id.startsWith(`${parent}.`) ? id.slice(parent.length + 1) : id;
}

function originOf(tagName: string, id: string): string {
  return `taskmaster:${tagName}/${id}`;
}
