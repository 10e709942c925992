using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace LipSol.Language.Evaluation;

/// <summary>Makes, reads and writes evaluations as <c>evaluation.json</c>.</summary>
public static class EvaluationFile
{
    /// <summary>The artifact's name within a run.</summary>
    public const string Name = "evaluation.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>An evaluation of these samples: sorted by id, with their test hash.</summary>
    /// <exception cref="ArgumentException">Two samples have the same id, there is none, or a sample's words aren't those of its text.</exception>
    public static Evaluation Create(string dataHash, IEnumerable<EvaluatedSample> samples)
    {
        var sorted = samples.OrderBy(s => s.Id, StringComparer.Ordinal).ToArray();
        if (sorted.Length == 0) throw new ArgumentException("An evaluation needs at least one sample.", nameof(samples));
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i].Id == sorted[i - 1].Id) throw new ArgumentException($"Two samples have the id {sorted[i].Id}.", nameof(samples));
        if (MisspeltSample(sorted) is { } misspelt) throw new ArgumentException($"The words of sample {misspelt} aren't those of its text.", nameof(samples));
        return new Evaluation { DataHash = dataHash, TestHash = TestHash(sorted.Select(s => (s.Id, s.Expected, s.Recording))), Samples = sorted };
    }

    /// <summary>MD5 over the ids (in ordinal order), their expected texts and, where known, the recordings' hashes.</summary>
    public static string TestHash(IEnumerable<(string Id, string Expected, string? Recording)> samples)
    {
        var text = new StringBuilder();
        foreach (var (id, expected, recording) in samples.OrderBy(s => s.Id, StringComparer.Ordinal))
        {
            text.Append(id).Append('\t').Append(expected);
            if (recording is not null) text.Append('\t').Append(recording);
            text.Append('\n');
        }
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The file's bytes; a function of the evaluation alone.</summary>
    public static byte[] ToBytes(Evaluation evaluation) => JsonSerializer.SerializeToUtf8Bytes(evaluation, Options);

    /// <summary>Writes the file.</summary>
    public static void Write(Evaluation evaluation, Stream destination) => destination.Write(ToBytes(evaluation));

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">Not an evaluation, or its test hash doesn't belong to its samples.</exception>
    public static Evaluation Read(Stream source)
    {
        Evaluation evaluation;
        try
        {
            evaluation = JsonSerializer.Deserialize<Evaluation>(source, Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Not an evaluation: {e.Message}", e);
        }
        if (TestHash(evaluation.Samples.Select(s => (s.Id, s.Expected, s.Recording))) != evaluation.TestHash)
            throw new InvalidDataException("The evaluation's test hash doesn't belong to its samples: the file was changed.");
        if (MisspeltSample(evaluation.Samples) is { } misspelt) throw new InvalidDataException($"The words of sample {misspelt} aren't those of its text.");
        return evaluation;
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="InvalidDataException">Not an evaluation, or its test hash doesn't belong to its samples.</exception>
    public static Evaluation Read(byte[] bytes) => Read(new MemoryStream(bytes, writable: false));

    private static string? MisspeltSample(IEnumerable<EvaluatedSample> samples) =>
        samples.FirstOrDefault(s => s.Words is { } words && string.Join(' ', words.Select(w => w.Text)) != s.Text)?.Id;
}
