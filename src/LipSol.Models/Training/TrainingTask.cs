using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>How well a network reads <c>val</c>.</summary>
/// <param name="Score">What training keeps the best of.</param>
/// <param name="Loss">Decides among equal scores.</param>
/// <param name="Figures">What is told, by metric name.</param>
internal sealed record Validation(double Score, double Loss, IReadOnlyList<(string Name, double Value)> Figures);

/// <summary>What is learnt: the samples in memory, how a network reads them, and how well.</summary>
internal abstract class TrainingTask
{
    /// <summary>The classes in the order of the logits: words, or CTC's blank and the letters.</summary>
    public abstract IReadOnlyList<string> Vocabulary { get; }

    /// <summary>How a mouth clip becomes the network's input.</summary>
    public abstract InputSpec Input { get; }

    /// <summary>The training samples.</summary>
    public abstract IBatchSource Batches { get; }

    /// <summary>The first epoch that learns what <c>val</c> asks: before it, not getting better there is no reason to stop.</summary>
    public virtual int FirstWholeEpoch => 0;

    /// <summary>An epoch's figure on the training samples as they were varied.</summary>
    public abstract (string Name, double Value) TrainFigure(long right, long of);

    /// <summary>Reads <c>val</c>; null where there is none.</summary>
    public abstract Validation? Validate(Network network, Device device);

    /// <summary>Calibrates on <c>val</c> and reads <c>test</c>.</summary>
    public abstract TrainingResult Evaluate(Network network, Device device, TrainingResult result, Action<double> progress);
}
