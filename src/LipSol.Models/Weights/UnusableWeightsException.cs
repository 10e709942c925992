namespace LipSol.Models.Weights;

/// <summary>Weights that a network can't start from: a damaged or hostile file, a mapping that makes no sense, or nothing in it that fits.</summary>
public sealed class UnusableWeightsException : Exception
{
    /// <summary>Creates the refusal.</summary>
    /// <param name="message">Which file, what was wrong, what to do.</param>
    /// <param name="inner">What caused it, if anything.</param>
    public UnusableWeightsException(string message, Exception? inner = null) : base(message, inner) { }
}
