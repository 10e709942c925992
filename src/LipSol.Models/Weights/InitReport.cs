using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LipSol.Models.Weights;

/// <summary>What of a file became weights of the network, and what didn't: <c>init-report.json</c>.</summary>
public sealed record InitReport
{
    private const int Shown = 8;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>run</c>, <c>version</c> or <c>file</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>The run, the version or the file's name.</summary>
    public required string Id { get; init; }
    /// <summary>MD5 of the weights' file.</summary>
    public required string ContentHash { get; init; }
    /// <summary>MD5 of the name mapping; null where there was none.</summary>
    public string? MapHash { get; init; }
    /// <summary><c>safetensors</c>, <c>state_dict</c> or <c>checkpoint</c>.</summary>
    public required string Format { get; init; }
    /// <summary>The network that starts from it.</summary>
    public required string Network { get; init; }
    /// <summary>Weights that were copied.</summary>
    public required IReadOnlyList<MatchedWeight> Matched { get; init; }
    /// <summary>Weights of the network's encoder that the file doesn't have: they start at random.</summary>
    public required IReadOnlyList<NamedWeight> Missing { get; init; }
    /// <summary>Weights of the file that have no place in the network.</summary>
    public required IReadOnlyList<NamedWeight> Unexpected { get; init; }
    /// <summary>Weights of the same name and another shape or type: they start at random.</summary>
    public required IReadOnlyList<OtherShape> OtherShape { get; init; }
    /// <summary>Weights of the network's head: always new, since the classes are others.</summary>
    public required IReadOnlyList<NamedWeight> Head { get; init; }
    /// <summary>Weights of the file that the mapping leaves out.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }
    /// <summary>Patterns of the mapping that fit no weight of the file.</summary>
    public required IReadOnlyList<string> UnusedPatterns { get; init; }
    /// <summary>Layers that stay fixed for <see cref="FreezeEpochs"/> epochs.</summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];
    /// <summary>Layers that were to stay fixed but train, since not all of their weights were loaded.</summary>
    public IReadOnlyList<string> NotFrozen { get; init; } = [];
    /// <summary>Epochs in which <see cref="Frozen"/> stay fixed.</summary>
    public int FreezeEpochs { get; init; }
    /// <summary>What is known of the data behind the weights, and what isn't: a sentence each.</summary>
    public IReadOnlyList<string> DataBehind { get; init; } = [];
    /// <summary>The report in sentences.</summary>
    public IReadOnlyList<string> Lines => [.. Sentences()];

    /// <summary>The report as a file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    private IEnumerable<string> Sentences()
    {
        var encoder = Matched.Count + Missing.Count + OtherShape.Count;
        var (copied, values) = (Matched.Sum(m => StoredTensor.Count(m.Shape)), Missing.Sum(m => StoredTensor.Count(m.Shape)) + OtherShape.Sum(o => StoredTensor.Count(o.NetworkShape)));
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Network} starts from the {Kind} {Id} ({Format}, {ContentHash}): {Matched.Count} of the encoder's {encoder} weights, {100.0 * copied / Math.Max(1, copied + values):0.0} % of its values; the head is new ({Head.Count} weights).");
        if (OtherShape.Count > 0) yield return $"Another shape, left as it was: {List(OtherShape.Select(o => $"{o.To} ({o.FileType} {StoredTensor.Describe(o.FileShape)} in the file, {StoredTensor.Describe(o.NetworkShape)} here)"))}.";
        if (Missing.Count > 0) yield return $"Missing in the file, left as they were: {List(Missing.Select(m => $"{m.Name} ({StoredTensor.Describe(m.Shape)})"))}.";
        if (Unexpected.Count > 0) yield return $"Without a place in {Network}: {List(Unexpected.Select(u => $"{u.Name} ({StoredTensor.Describe(u.Shape)})"))}.";
        if (LeftOut.Count > 0) yield return $"Left out by the mapping: {List(LeftOut)}.";
        if (UnusedPatterns.Count > 0) yield return $"Patterns of the mapping that fit nothing: {List(UnusedPatterns)}.";
        if (Frozen.Count > 0) yield return $"Fixed for the first {FreezeEpochs} epochs: {List(Frozen)}.";
        if (NotFrozen.Count > 0) yield return $"Not fixed, since not all of their weights were loaded: {List(NotFrozen)}.";
        foreach (var known in DataBehind) yield return known;
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToArray();
        return string.Join(", ", all.Take(Shown)) + (all.Length > Shown ? $" and {all.Length - Shown} more" : "");
    }
}

/// <summary>A weight that was copied.</summary>
/// <param name="From">Its name in the file.</param>
/// <param name="To">Its name in the network.</param>
/// <param name="Shape">Its shape.</param>
public sealed record MatchedWeight(string From, string To, IReadOnlyList<long> Shape);

/// <summary>A weight.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
public sealed record NamedWeight(string Name, IReadOnlyList<long> Shape);

/// <summary>A weight that has another shape or type in the file.</summary>
/// <param name="From">Its name in the file.</param>
/// <param name="To">Its name in the network.</param>
/// <param name="FileType">Type of its elements in the file.</param>
/// <param name="FileShape">Its shape in the file.</param>
/// <param name="NetworkShape">Its shape in the network.</param>
public sealed record OtherShape(string From, string To, string FileType, IReadOnlyList<long> FileShape, IReadOnlyList<long> NetworkShape);
