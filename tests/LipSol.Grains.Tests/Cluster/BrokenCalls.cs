namespace LipSol.Grains.Tests.Cluster;

/// <summary>Calls between grains that a test lets fail, as where the caller dies before or the answer is lost behind them.</summary>
internal sealed class BrokenCalls : IOutgoingGrainCallFilter
{
    /// <summary>Told of each call from a grain: throws before it's made where the caller is to die there.</summary>
    public Action<IOutgoingGrainCallContext> Before { get; set; } = _ => { };

    /// <summary>Told of each call that was made: throws where the answer is to be lost.</summary>
    public Action<IOutgoingGrainCallContext> Behind { get; set; } = _ => { };

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        Before(context);
        await context.Invoke();
        Behind(context);
    }
}
