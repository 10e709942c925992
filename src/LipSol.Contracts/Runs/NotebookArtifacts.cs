namespace LipSol.Contracts.Runs;

/// <summary>What a run keeps of the notebook that started it, as its artifacts are called.</summary>
public static class NotebookArtifacts
{
    /// <summary>Where it came from: the notebook's hash, the cell, parameters and packages.</summary>
    public const string Origin = "notebook.json";

    /// <summary>The notebook as it was executed.</summary>
    public const string Executed = "notebook.ipynb";

    /// <summary>The source of a network that a person wrote.</summary>
    public const string NetworkSource = "network.cs";
}
