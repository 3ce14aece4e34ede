import { agentReference } from '../agents/agent-file.ts';
import { findAgent, listAgents } from '../agents/project-agents.ts';
import { findWatched, watchWholeProject } from './per-project.ts';
import { defineResource, type ResourceCall } from './resource.ts';
import { noSuggestions, suggestFrom, suggestProjects } from './suggestions.ts';

const mimeType = 'text/markdown';

export const agent = defineResource({
  name: 'project-agent',
  title: 'Agent',
  description: 'One agent: what it is told, its tools and limits. NAME, or project/NAME of the project itself.',
  uriTemplate: 'octant://projects/{project}/agents/{+agent}',
  mimeType,

  async read({ project, agent }, call) {
    const { name, description, source, tier, tools, output, limits, instructions } = findAgent(
      await all(project, call),
      agent,
    );
    const most = Object.entries(limits).map(([limit, value]) => `${value} ${limit}`);
    const facts = [
      `${source}, tier ${tier}, answers as ${output}`,
      `tools: ${tools.join(', ') || 'none'}`,
      `at most ${most.join(', ')}`,
    ];
    const lines = [`# ${name}`, '', description, '', ...facts.map((fact) => `- ${fact}`), '', instructions];
    return { mimeType, text: lines.join('\n') };
  },

  /** They are named in the list of the project's agents. */
  list: async () => ({ resources: [] }),

  watch: ({ project }, services, notify) => watchWholeProject(project, services, notify),

  async complete(variable, value, known, call) {
    if (variable === 'project') return suggestProjects(value, call);
    const project = known.project ?? (await call.projects.list())[0]?.id ?? '';
    if (variable !== 'agent' || !(await findWatched(project, call.projects))) return noSuggestions;
    return suggestFrom((await all(project, call)).agents.map(agentReference), value);
  },
});

async function all(project: string, { projects, agents, workers, job }: ResourceCall) {
  return listAgents(agents.known(), await projects.find(project), { workers, job });
}
