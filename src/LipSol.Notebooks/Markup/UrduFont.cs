using System.Reflection;

namespace LipSol.Notebooks;

/// <summary>
/// The Nastaliq font for the page that a notebook is shown on: few machines have one, and without it some letters of Urdu are empty boxes. the package's script shows it once, where the package is referenced;
/// nothing of it is seen.
/// </summary>
public sealed class UrduFont
{
    private static readonly Lazy<string> Style = new(() =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("noto-nastaliq-urdu.woff2");
        if (stream is null) return "";
        using var font = new MemoryStream();
        stream.CopyTo(font);
        return $"<style>@font-face{{font-family:\"LipSol Urdu\";unicode-range:U+0600-06FF,U+0750-077F,U+200C-200D,U+FB50-FEFC;src:url(data:font/woff2;base64,{Convert.ToBase64String(font.GetBuffer(), 0, (int)font.Length)}) format(\"woff2\")}}</style>";
    });

    internal static string ToHtml() => Style.Value;
}
