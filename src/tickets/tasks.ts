import { UserError } from '../errors.ts';
import { withoutAbsent } from '../text/absent.ts';
import type { CitedFile, Task, TicketDocument } from './ticket.ts';

/** Without `task` a new one is added; with it, the fields that are given change. Empty texts and lists take away. */
export interface TaskChange {
  task?: number | undefined;
  title?: string | undefined;
  done?: boolean | undefined;
  description?: string | undefined;
  files?: readonly CitedFile[] | undefined;
  estimate?: number | undefined;
  dependsOn?: readonly number[] | undefined;
  /** Its place in the order from 1 on. */
  position?: number | undefined;
  remove?: boolean | undefined;
}

const maxTasks = 200;

export function changeTasks(document: TicketDocument, changes: readonly TaskChange[]): TicketDocument {
  const changed = changes.reduce(changeTask, document);
  if (changes.length > 0) checkDependencies(changed);
  return changed;
}

/** The tasks in their order. */
export function tasksOf({ tasks, task_order }: TicketDocument): Array<{ id: number } & Task> {
  return task_order.flatMap((id) => {
    const task = tasks[String(id)];
    return task ? [{ id, ...task }] : [];
  });
}

function changeTask(document: TicketDocument, change: TaskChange): TicketDocument {
  if (change.task === undefined) return addTask(document, change);
  const id = change.task;
  const task = document.tasks[String(id)];
  if (!task) throw unknownTask(document, id);
  if (change.remove) return removeTask(document, id);
  if (change.done) checkDone(document, id, edited(task, change));
  const next = { ...document, tasks: { ...document.tasks, [id]: edited(task, change) } };
  return move(next, id, change.position);
}

function addTask(document: TicketDocument, change: TaskChange): TicketDocument {
  if (!change.title || change.remove) {
    throw new UserError('bad_input', 'A new task needs a "title"; to change or remove one name its "task".');
  }
  if (document.task_order.length >= maxTasks)
    throw new UserError('limit', `A ticket may have ${maxTasks} tasks. Remove some, or split it.`);
  const id = document.next_part;
  const task = edited({ title: change.title, done: false }, change);
  if (change.done) checkDone(document, id, task);
  const next = {
    ...document,
    next_part: id + 1,
    tasks: { ...document.tasks, [id]: task },
    task_order: [...document.task_order, id],
  };
  return move(next, id, change.position);
}

function edited(task: Task, { title, done, description, files, estimate, dependsOn }: TaskChange): Task {
  return withoutAbsent({
    ...task,
    title: title || task.title,
    done: done ?? task.done,
    ...(description !== undefined && { description: description || undefined }),
    ...(files !== undefined && { files: files.length > 0 ? [...files] : undefined }),
    ...(estimate !== undefined && { estimate: estimate || undefined }),
    ...(dependsOn !== undefined && { depends_on: dependsOn.length > 0 ? [...new Set(dependsOn)] : undefined }),
  });
}

/** Those that waited for it wait no more. */
function removeTask(document: TicketDocument, id: number): TicketDocument {
  const { [String(id)]: _, ...others } = document.tasks;
  const tasks = Object.entries(others).map(([key, task]) => {
    const dependsOn = task.depends_on?.filter((each) => each !== id);
    return [key, edited(task, { dependsOn })];
  });
  return {
    ...document,
    tasks: Object.fromEntries(tasks),
    task_order: document.task_order.filter((each) => each !== id),
  };
}

function move(document: TicketDocument, id: number, position: number | undefined): TicketDocument {
  if (position === undefined) return document;
  const others = document.task_order.filter((each) => each !== id);
  return { ...document, task_order: others.toSpliced(position - 1, 0, id) };
}

function checkDone(document: TicketDocument, id: number, { depends_on: dependsOn = [] }: Task) {
  const open = dependsOn.filter((each) => document.tasks[String(each)]?.done === false);
  if (open.length > 0) {
    throw new UserError(
      'conflict',
      `Task ${id} waits for task ${open.join(', ')}: set "done" there first, in this call before it or in one of its own.`,
    );
  }
}

/** Each must be there, and following them must never lead back. */
function checkDependencies(document: TicketDocument) {
  const settled = new Set<number>();
  const open = new Set<number>();
  for (const id of document.task_order) visit(id);

  function visit(id: number) {
    if (settled.has(id)) return;
    if (open.has(id)) throw new UserError('conflict', `The dependencies of task ${id} lead back to itself.`);
    open.add(id);
    const task = document.tasks[String(id)];
    if (!task) throw unknownTask(document, id);
    task.depends_on?.forEach(visit);
    open.delete(id);
    settled.add(id);
  }
}

function unknownTask(document: TicketDocument, id: number): UserError {
  return new UserError('not_found', `There is no task ${id}. Known: ${document.task_order.join(', ') || 'none'}.`);
}
