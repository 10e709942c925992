namespace LipSol.Inference;

/// <summary>A file that isn't taken in as a model, with the reason to tell whoever gave it. Nothing of it was kept.</summary>
/// <param name="reason">The kind of reason, for programs.</param>
/// <param name="message">What was wrong and what to do.</param>
/// <param name="inner">What caused it, if anything.</param>
public sealed class UnusableBundleException(BundleProblem reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of reason.</summary>
    public BundleProblem Reason { get; } = reason;
}

/// <summary>Why a bundle isn't taken in.</summary>
public enum BundleProblem
{
    /// <summary>Another kind of file.</summary>
    NotABundle,
    /// <summary>Cut short, or a part isn't what its hash says.</summary>
    Damaged,
    /// <summary>Written by a later version of LipSol.</summary>
    NewerFormat,
    /// <summary>More parts or bytes than allowed.</summary>
    TooLarge,
    /// <summary>Something in it reaches where a model has no business: a path out of its folder, a network that reads other files or loops.</summary>
    Unsafe,
    /// <summary>The parts contradict each other about where the model comes from.</summary>
    Contradictory,
    /// <summary>The model itself can't be loaded.</summary>
    UnusableModel,
}
