using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using LipSol.Language.Evaluation;

namespace LipSol.Silo.Tests.Models;

/// <summary>Bundles as someone could write them who isn't LipSol.</summary>
internal static class BundleSurgery
{
    /// <summary>The same bundle with another bundle.json.</summary>
    public static byte[] Change(byte[] bundle, Action<JsonNode> change) => Rebuild(bundle, (_, content) => content, change);

    /// <summary>The same model, measured on other test samples.</summary>
    public static byte[] OtherTest(byte[] bundle) => Rebuild(bundle, (name, content) =>
    {
        if (name != "evaluation.json") return content;
        var evaluation = EvaluationFile.Read(content);
        return EvaluationFile.ToBytes(EvaluationFile.Create(evaluation.DataHash, evaluation.Samples.Select(s => s with { Id = "other/" + s.Id })));
    }, _ => { });

    private static byte[] Rebuild(byte[] bundle, Func<string, byte[], byte[]> part, Action<JsonNode> change)
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
        change(json);
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
