"""Builders that build as an operator's own would, for the tests of the whole program: `job` on every worker, `narrow` on
one. What they do, `job.sh` says. Each start of a build's work is a line in FOLDER/starts."""
import os

from buildbot.plugins import schedulers, steps, util

FIELDS = ['KILN_ATTEMPT', 'KILN_URL', 'NAME', 'MODE', 'LASTS', 'TARGET']


def factory(folder, scripts, deliver):
    given = {name: util.Property(name, default='') for name in FIELDS}
    made = util.BuildFactory()
    made.addStep(steps.ShellCommand(
        name='build', command=['sh', f'{scripts}/job.sh'], haltOnFailure=True, logEnviron=False, timeout=None,
        interruptSignal='TERM', sigtermTime=1,
        env={**given, 'FOLDER': folder, 'OUT': util.Interpolate(f'{folder}/control/%(prop:KILN_ATTEMPT)s/files'),
             'PATH': f'{os.path.dirname(os.path.dirname(scripts))}/scripts:{os.environ["PATH"]}'}))
    made.addStep(deliver)
    return made


def add(config, folder, scripts, workers, deliver):
    made = factory(folder, scripts, deliver)
    builder = lambda name, names: util.BuilderConfig(
        name=name, workernames=names, factory=made, collapseRequests=False)
    config['builders'] += [builder('job', workers), builder('narrow', workers[:1])]
    config['schedulers'].append(schedulers.ForceScheduler(
        name='job', builderNames=['job', 'narrow'], codebases=[util.CodebaseParameter(codebase='', hide=True)],
        properties=[util.StringParameter(name=name, default='', size=80) for name in FIELDS]))
