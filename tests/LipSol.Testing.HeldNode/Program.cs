using LipSol.Grains.Ports;
using LipSol.Silo.Node;
using LipSol.Testing.HeldNode;
using Microsoft.Extensions.DependencyInjection;

// Without a step to be held in, it's an ordinary node.
if (Environment.GetEnvironmentVariable("HELD_STEP") is not { Length: > 0 } step) return await NodeCommand.RunAsync(args);
var hold = new Hold(Environment.GetEnvironmentVariable("HELD_FILE") ?? throw new InvalidOperationException("HELD_FILE is missing: it names the file that says that the step is held."));
return await NodeCommand.RunAsync(args, services =>
{
    services.AddSingleton<IOutgoingGrainCallFilter>(new HeldCalls(step, hold));
    ServiceDescriptor own = services.Last(s => s.ServiceType == typeof(ICorpusSources));
    if (step == HeldCorpora.Step) services.AddSingleton<ICorpusSources>(s => new HeldCorpora((ICorpusSources)ActivatorUtilities.CreateInstance(s, own.ImplementationType!), hold));
});
