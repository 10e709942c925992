using System.IO.Compression;
using System.Net;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Diagrams of Mermaid, drawn by the page that shows them with the library that the kernel carries: nothing is fetched. Where no script runs (a saved page, a viewer that
/// doesn't trust the notebook) the diagram's text is shown.
/// </summary>
internal static class MermaidDiagram
{
    // Packed, it is two of its five and a half megabytes; browsers unpack it.
    private static readonly Lazy<string?> Library = new(() =>
    {
        using var script = typeof(MermaidDiagram).Assembly.GetManifestResourceStream("mermaid.min.js");
        if (script is null)
            return null;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            script.CopyTo(gzip);
        return Convert.ToBase64String(packed.ToArray());
    });

    /// <summary>The diagram as HTML, which holds all that it needs. Each holds the library: a page may keep one diagram and drop the others.</summary>
    public static string Html(string code)
    {
        var id = "mermaid-" + Guid.NewGuid().ToString("N");
        var shown = $"<div id=\"{id}\"><pre dir=\"auto\">{WebUtility.HtmlEncode(code.Trim())}</pre></div>";
        return Library.Value is not { } library ? shown : shown + $$"""
            <script type="text/javascript">
            (async () => {
              const place = document.getElementById("{{id}}"), code = place.textContent;
              try {
                if (!globalThis.mermaid) {
                  const packed = Uint8Array.from(atob("{{library}}"), letter => letter.charCodeAt(0));
                  const script = document.createElement("script");
                  script.text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
                  document.head.append(script);
                  globalThis.mermaid.initialize({ startOnLoad: false });
                }
                place.innerHTML = (await globalThis.mermaid.render("{{id}}-drawn", code)).svg;
              } catch (error) {
                place.append(String(error.message ?? error));
              }
            })();
            </script>
            """;
    }
}
