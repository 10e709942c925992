using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace LipSol.Kernel.Export;

/// <summary>Puts the pictures of a markdown cell into the page itself; what lies on the network becomes a link, so that the page never fetches anything.</summary>
internal sealed class EmbeddedPictures(string folder)
{
    private const long Limit = 20 * 1024 * 1024;

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".svg"] = "image/svg+xml",
    };

    public void Embed(MarkdownDocument document, NotebookCell cell)
    {
        foreach (var picture in document.Descendants<LinkInline>().Where(l => l.IsImage))
        {
            var url = Uri.UnescapeDataString(picture.Url ?? "");
            if (url.StartsWith("data:", StringComparison.Ordinal))
                continue;
            if (url.StartsWith("attachment:", StringComparison.Ordinal) && cell.Attachments?[url["attachment:".Length..]] is JsonObject bundle && bundle.Count > 0)
                picture.Url = $"data:{bundle.First().Key};base64,{NotebookFile.Text(bundle.First().Value)}";
            else if (TryRead(url) is { } data)
                picture.Url = data;
            else
                picture.IsImage = false;
        }
    }

    private string? TryRead(string url)
    {
        if (url.Contains("://", StringComparison.Ordinal) || !Types.TryGetValue(Path.GetExtension(url), out var type))
            return null;
        var file = new FileInfo(Path.Combine(folder, url));
        return file.Exists && file.Length <= Limit ? $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(file.FullName))}" : null;
    }
}
