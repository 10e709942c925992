namespace LipSol.Grains.Tests.Cluster;

/// <summary>Calls between grains that a test lets fail, as where the caller dies before or the answer is lost behind them.</summary>
internal sealed class BrokenCalls : IOutgoingGrainCallFilter
{
    /// <summary>Told of each call from a grain: throws before it's made where the caller is to die there.</summary>
    public Action<IOutgoingGrainCallContext> Before { get; set; } = _ => { };

    /// <summary>Told of each call that was made: throws where the answer is to be lost.</summary>
    public Action<IOutgoingGrainCallContext> Behind { get; set; } = _ => { };

    /// <summary>What a call waits for before it's made.</summary>
    public Func<IOutgoingGrainCallContext, Task> Holding { get; set; } = _ => Task.CompletedTask;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        Before(context);
        await Holding(context);
        await context.Invoke();
        Behind(context);
    }
}
