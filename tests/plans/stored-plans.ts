import type { Plan, PlanDocument } from '../../src/plans/plan.ts';
import { createPlans } from '../../src/plans/plans.ts';
import type { Backend } from '../helpers/stores.ts';

/** Puts plans into a store, as create_plan would, for the project that a folder is. */
export async function storePlans(
  backend: Backend,
  folder: string,
  documents: readonly PlanDocument[],
): Promise<Plan[]> {
  const store = backend.open();
  const id = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
  const made: Plan[] = [];
  for (const document of documents) {
    made.push(await createPlans(store).create({ id, name: id, folder }, document, { source: 'human' }));
  }
  await store.close();
  return made;
}
