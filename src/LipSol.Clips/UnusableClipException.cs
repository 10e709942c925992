namespace LipSol.Clips;

/// <summary>A clip that can't be used, with the reason to tell whoever gave it.</summary>
public sealed class UnusableClipException : Exception
{
    /// <summary>Creates the refusal.</summary>
    /// <param name="reason">The kind of reason, for programs.</param>
    /// <param name="message">The reason in words, for people: what was wrong and, where it helps, what to do.</param>
    /// <param name="inner">What caused it, if anything.</param>
    public UnusableClipException(UnusableReason reason, string message, Exception? inner = null) : base(message, inner) => Reason = reason;

    /// <summary>The kind of reason.</summary>
    public UnusableReason Reason { get; }
}

/// <summary>Why a clip can't be used.</summary>
public enum UnusableReason
{
    /// <summary>The file isn't there or can't be opened.</summary>
    Missing,

    /// <summary>Not a video, or damaged so that no frame can be decoded.</summary>
    Undecodable,

    /// <summary>No face in too many frames.</summary>
    NoFace,

    /// <summary>Too few frames.</summary>
    TooShort,

    /// <summary>More seconds than the limit.</summary>
    TooLong,

    /// <summary>More pixels or bytes than the limit.</summary>
    TooLarge,

    /// <summary>Decoding took longer than the limit.</summary>
    TimedOut,

    /// <summary>A mouth clip made with other crop settings than the model's.</summary>
    WrongSettings,
}
