import { agentReference } from '../agents/agent-file.ts';
import { listAgents } from '../agents/project-agents.ts';
import { completeProject, listOnePerProject, watchWholeProject } from './per-project.ts';
import { defineResource } from './resource.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://projects/{project}/agents';
const mimeType = 'text/markdown';

export const agents = defineResource({
  name: 'project-agents',
  title: 'Agents',
  description:
    "The agents that run_agent knows in a project: Octant's, the user's and the project's own, and files that are none.",
  uriTemplate,
  mimeType,

  async read({ project }, { projects, workers, agents, job }) {
    const root = await projects.find(project);
    const { agents: all, faults } = await listAgents(agents.known(), root, { workers, job });
    const lines = all.map((agent) => {
      const { description, tier, tools, output, source } = agent;
      return `- ${agentReference(agent)} (${source}, tier ${tier}, answers as ${output}; ${tools.join(', ') || 'no tools'}): ${description}`;
    });
    const broken = faults.map(({ path, fault }) => `- ${path} cannot be run: ${fault}.`);
    return { mimeType, text: [`# Agents of ${root.name}`, '', ...lines, ...broken].join('\n') };
  },

  list: (page, call) =>
    listOnePerProject(page, call, (project) => {
      return { uri: expandUri(uriTemplate, { project }), name: `${project}: agents`, mimeType };
    }),

  watch: ({ project }, services, notify) => watchWholeProject(project, services, notify),

  complete: (variable, value, _known, call) => completeProject(variable, value, call),
});
