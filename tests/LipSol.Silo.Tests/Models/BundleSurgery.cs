using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using LipSol.Language.Evaluation;

namespace LipSol.Silo.Tests.Models;

/// <summary>Bundles as someone could write them who isn't LipSol.</summary>
internal static class BundleSurgery
{
    /// <summary>The same model, measured on other test samples.</summary>
    public static byte[] OtherTest(byte[] bundle) => Evaluated(bundle, samples => samples.Select(s => s with { Id = "other/" + s.Id }));

    /// <summary>The same model, whose first readings are wrong.</summary>
    public static byte[] Misread(byte[] bundle, int count) => Evaluated(bundle, samples => samples.Select((s, i) => i < count ? s with { Text = "غلط" } : s));

    private static byte[] Evaluated(byte[] bundle, Func<IReadOnlyList<EvaluatedSample>, IEnumerable<EvaluatedSample>> change) => Rebuild(bundle, (name, content) =>
    {
        if (name != "evaluation.json") return content;
        var evaluation = EvaluationFile.Read(content);
        return EvaluationFile.ToBytes(EvaluationFile.Create(evaluation.DataHash, change(evaluation.Samples)));
    });

    private static byte[] Rebuild(byte[] bundle, Func<string, byte[], byte[]> part)
    {
        using var source = new ZipArchive(new MemoryStream(bundle));
        var entries = source.Entries.Select(e =>
        {
            using var stream = e.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return (e.FullName, Content: part(e.FullName, bytes.ToArray()));
        }).ToArray();
        var json = JsonNode.Parse(entries[0].Content)!;
        foreach (var named in json["parts"]!.AsArray())
        {
            var content = entries.Single(e => e.FullName == (string)named!["path"]!).Content;
            named!["bytes"] = content.Length;
            named["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content));
        }
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries.Select(e => e.FullName == "bundle.json" ? (e.FullName, JsonSerializer.SerializeToUtf8Bytes(json)) : e))
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        return file.ToArray();
    }
}
