using System.Text.Json;

namespace LipSol.WorkerProtocol;

/// <summary>What a worker that runs code of a person may do with files. It reaches no network and no other process, starts none, and has no powers beyond its user's.</summary>
/// <param name="Read">Folders to read, beside those of the system and of LipSol itself.</param>
/// <param name="Write">Folders to write to as well.</param>
public sealed record Confinement(IReadOnlyList<string> Read, IReadOnlyList<string> Write)
{
    /// <summary>The worker's argument before <see cref="ToArgument"/>'s.</summary>
    public const string Argument = "--confined";

    /// <summary>The argument by which the worker, started anew, tells itself that it's confined and has calls to give up before its job.</summary>
    public const string Begun = "--confined-already";

    /// <summary>As one argument of a program.</summary>
    public string ToArgument() => JsonSerializer.Serialize(this);

    /// <summary>Reads what <see cref="ToArgument"/> wrote.</summary>
    /// <exception cref="JsonException">It isn't that.</exception>
    public static Confinement FromArgument(string text) => JsonSerializer.Deserialize<Confinement>(text) ?? throw new JsonException("The confinement is null.");
}
