namespace LipSol.Artifacts.Dvc;

/// <summary>What was asked of versioned data can't be done. The message says why and what to do, in a line.</summary>
public class DvcException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the request itself has to change (a path that isn't there, a remote that isn't configured) rather than the world.</summary>
    public bool IsBadInput { get; init; }

    internal static DvcException BadInput(string message) => new(message) { IsBadInput = true };
}

/// <summary>It can't be done since it would bring back what a person withdrew.</summary>
public sealed class WithdrawnException(string message) : DvcException(message);
