using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LipSol.Kernel.Notebooks;
using Markdig;

namespace LipSol.Kernel.Export;

/// <summary>
/// Writes a notebook as one HTML file that is read offline: no script, nothing fetched (a content security policy in the page forbids both), light or dark
/// as the reader prefers, each block in the direction of its own text.
/// </summary>
public static partial class HtmlExporter
{
    private const string Policy = "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'";
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras().UseAutoLinks().UseTaskLists().Build();
    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    private static readonly Lazy<string> Style = new(() => Encoding.UTF8.GetString(Resource("notebook.css")));

    /// <summary>Writes <paramref name="notebook"/> to <paramref name="path"/>; pictures it refers to are looked for from <paramref name="folder"/>.</summary>
    public static Task WriteAsync(NotebookFile notebook, string path, string folder, CancellationToken cancellation = default) =>
        WholeFile.WriteAsync(path, Page(notebook, folder), cancellation);

    internal static string Page(NotebookFile notebook, string folder)
    {
        var title = notebook.Title ?? "Notebook";
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <style>{Style.Value}</style>
            </head>
            <body>
            <main>

            """);
        var pictures = new EmbeddedPictures(folder);
        foreach (var cell in notebook.Cells)
        {
            if (cell.Kind == "markdown")
                AppendMarkdown(html, cell, pictures);
            else if (cell.IsCode && (cell.Source.Trim().Length > 0 || cell.Outputs.Count > 0))
                AppendCode(html, cell);
        }

        html.Append("</main>\n").Append(Footer(notebook)).Append("</body>\n</html>\n");
        // Notebooks that reference LipSol.Notebooks bring it.
        if (ArabicScript().IsMatch(html.ToString()) && !html.ToString().Contains("@font-face{font-family:\"LipSol Urdu\"", StringComparison.Ordinal) && Resource("noto-nastaliq-urdu.woff2") is { Length: > 0 } font)
            html.Insert(html.ToString().IndexOf("</head>", StringComparison.Ordinal), $"<style>@font-face{{font-family:\"LipSol Urdu\";unicode-range:U+0600-06FF,U+0750-077F,U+200C-200D,U+FB50-FEFC;src:url(data:font/woff2;base64,{Convert.ToBase64String(font)}) format(\"woff2\")}}</style>\n");
        return html.ToString();
    }

    private static void AppendMarkdown(StringBuilder html, NotebookCell cell, EmbeddedPictures pictures)
    {
        var document = Markdig.Markdown.Parse(cell.Source, Markdown);
        pictures.Embed(document, cell);
        html.Append("<section class=\"prose\" dir=\"auto\">").Append(WithDirections(document.ToHtml(Markdown))).Append("</section>\n");
    }

    private static void AppendCode(StringBuilder html, NotebookCell cell)
    {
        var count = cell.ExecutionCount?.ToString(CultureInfo.InvariantCulture) ?? " ";
        html.Append("<section class=\"cell\">");
        if (cell.Source.Trim().Length > 0)
            html.Append(CultureInfo.InvariantCulture, $"<div class=\"code\"><span class=\"prompt\">{count}</span><pre dir=\"ltr\"><code>{CodeHighlighter.ToHtml(cell.Source)}</code></pre></div>");
        foreach (var output in cell.Outputs)
            html.Append(OutputHtml(output)).Append('\n');
        html.Append("</section>\n");
    }

    private static string OutputHtml(JsonObject output)
    {
        switch (output["output_type"]?.ToString())
        {
            case "stream":
                return $"<pre class=\"out {(output["name"]?.ToString() == "stderr" ? "stderr" : "stdout")}\" dir=\"auto\">{Plain(NotebookFile.Text(output["text"]))}</pre>";
            case "error":
                var trace = output["traceback"] is JsonArray { Count: > 0 } lines ? string.Join('\n', lines.Select(l => l?.ToString())) : $"{output["ename"]}: {output["evalue"]}";
                return $"<pre class=\"out error\" role=\"alert\">{Plain(trace)}</pre>";
            default:
                return output["data"] is JsonObject data ? DataHtml(data) : "";
        }
    }

    private static string DataHtml(JsonObject data)
    {
        if (data["text/html"] is { } html)
            return $"<div class=\"out rich\" dir=\"auto\">{NotebookFile.Text(html)}</div>";
        if (data["text/markdown"] is { } markdown)
            return $"<div class=\"out prose\" dir=\"auto\">{WithDirections(Markdig.Markdown.ToHtml(NotebookFile.Text(markdown), Markdown))}</div>";
        if (data["image/svg+xml"] is { } svg)
            return $"<div class=\"out rich\"><img alt=\"\" src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(NotebookFile.Text(svg)))}\"></div>";
        if (Array.Find(Pictures, p => data.ContainsKey(p)) is { } picture)
            return $"<div class=\"out rich\"><img alt=\"\" src=\"data:{picture};base64,{NotebookFile.Text(data[picture]).ReplaceLineEndings("")}\"></div>";
        var text = data["text/plain"] ?? data.FirstOrDefault().Value;
        return $"<pre class=\"out\" dir=\"auto\">{Plain(NotebookFile.Text(text))}</pre>";
    }

    private static string Footer(NotebookFile notebook)
    {
        if (notebook.Metadata["lipsol"] is not JsonObject run || !DateTimeOffset.TryParse(run["started"]?.ToString(), CultureInfo.InvariantCulture, out var started))
            return "";
        var seconds = run["seconds"]?.ToString();
        var outcome = run["succeeded"]?.GetValue<bool>() == true ? "every cell ran through" : "stopped at an error";
        return $"<footer>Executed by LipSol on {started.UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)} UTC in {seconds} s; {outcome}.</footer>\n";
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(HtmlExporter).Assembly.GetManifestResourceStream(name);
        using var copy = new MemoryStream();
        stream?.CopyTo(copy);
        return copy.ToArray();
    }

    private static string WithDirections(string html) => Blocks().Replace(html, "<$1 dir=\"auto\"$2>");

    private static string Plain(string text) => WebUtility.HtmlEncode(Ansi().Replace(text, ""));

    [GeneratedRegex("<(p|li|td|th|h[1-6]|blockquote)( [^>]*)?>")]
    private static partial Regex Blocks();

    [GeneratedRegex(@"[\u0600-\u06FF\u0750-\u077F]")]
    private static partial Regex ArabicScript();

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Ansi();
}
