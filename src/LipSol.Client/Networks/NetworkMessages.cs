namespace LipSol.Client;

/// <summary>A network to take in: C# that composes LipSol's layers, or brings layers of its own.</summary>
public sealed record AddNetwork
{
    /// <summary>What runs are to call it.</summary>
    public required string Name { get; init; }
    /// <summary>The source: one public class that derives from <c>WordNetwork</c> or <c>SentenceNetwork</c>, its options, and what else it needs.</summary>
    public required string Source { get; init; }
    /// <summary>The corpus of whose clips the check takes a few.</summary>
    public required string Corpus { get; init; }
    /// <summary>Parameters for the check; what isn't named has its default.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
}

/// <summary>What came of it: the network as it's kept, or what is wrong with it.</summary>
public sealed record NetworkAnswer
{
    /// <summary>The network; null where it was refused.</summary>
    public UserNetwork? Network { get; init; }
    /// <summary>What is wrong; empty where nothing is.</summary>
    public IReadOnlyList<NetworkFault> Faults { get; init; } = [];
    /// <summary>How long compiling and trying took.</summary>
    public double Seconds { get; init; }
}

/// <summary>Something that is wrong with a network's source.</summary>
/// <param name="Line">The line of the source, from 1; 0: it's about the whole.</param>
/// <param name="Column">The column, from 1; 0: it's about the line.</param>
/// <param name="Code">The compiler's number (<c>CS0103</c>), or the exception's name; empty for LipSol's own.</param>
/// <param name="Message">What is wrong.</param>
public sealed record NetworkFault(int Line, int Column, string Code, string Message);

/// <summary>A network that a person wrote: compiled, tried on real clips, exported, and compared with its ONNX.</summary>
public sealed record UserNetwork
{
    /// <summary>Its name, by which <see cref="StartRun.Network"/> asks for it.</summary>
    public required string Name { get; init; }
    /// <summary>Hash of its source, an artifact.</summary>
    public required string Source { get; init; }
    /// <summary>What it reads: <c>word</c> or <c>characters</c>.</summary>
    public required string Reads { get; init; }
    /// <summary>Its own parameters; training's come on top.</summary>
    public IReadOnlyList<NetworkOption> Parameters { get; init; } = [];
    /// <summary>Its weights, with the defaults and the classes of the clips that it was tried on.</summary>
    public long WeightCount { get; init; }
    /// <summary>Largest difference of a logit, torch against ONNX, on the clips that it was tried on.</summary>
    public double OnnxMaxAbsDifference { get; init; }
    /// <summary>The corpus that it was tried on.</summary>
    public required string Corpus { get; init; }
    /// <summary>That corpus' version.</summary>
    public required string DataHash { get; init; }
    /// <summary>Version of LipSol that tried it.</summary>
    public required string CodeVersion { get; init; }
    /// <summary>When it was taken in.</summary>
    public required DateTimeOffset KeptAt { get; init; }
    /// <summary>The name of the token with which it was sent.</summary>
    public required string KeptBy { get; init; }
    /// <summary>Counts the sources that this name has stood for, from 1 on.</summary>
    public required int Revision { get; init; }
}

/// <summary>A parameter of a network's own.</summary>
public sealed record NetworkOption(string Name, string Meaning, string Default);
