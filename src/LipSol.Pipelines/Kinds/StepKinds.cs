namespace LipSol.Pipelines;

/// <summary>All kinds of steps.</summary>
public static class StepKinds
{
    /// <summary>In the order in which a pipeline usually has them.</summary>
    public static IReadOnlyList<StepKind> All { get; } = [new PrepareKind(), new TrainKind(), new EvaluateKind(), new ChooseKind(), new GateKind(), new PromoteKind()];

    /// <summary>The kind of this name; null where there's none.</summary>
    public static StepKind? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    /// <summary>The kind of a step of a sound definition.</summary>
    public static StepKind Of(StepDefinition step) => Find(step.Kind) ?? throw new InvalidOperationException($"There's no kind '{step.Kind}'.");
}
