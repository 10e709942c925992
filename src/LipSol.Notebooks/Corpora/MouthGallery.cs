using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>One mouth clip to show: a strip picture (frames side by side), and what stands below it.</summary>
/// <param name="Strip">The PNG, as <see cref="CorporaClient.GetStripAsync"/> gives it.</param>
/// <param name="Text">What is said.</param>
/// <param name="Caption">Who says it, or anything else.</param>
/// <param name="FramesPerSecond">How fast to play it.</param>
public sealed record MouthPicture(byte[] Strip, string Text, string Caption, double FramesPerSecond = 25);

/// <summary>Mouth clips that move, side by side.</summary>
public sealed class MouthGallery(IReadOnlyList<MouthPicture> pictures)
{
    /// <summary>The clips.</summary>
    public IReadOnlyList<MouthPicture> Pictures { get; } = pictures;

    /// <summary>Fetches the strips of <paramref name="clips"/>, four at a time. A clip without a picture (it was refused) is left out.</summary>
    public static async Task<MouthGallery> LoadAsync(LipSolClient client, string corpus, IEnumerable<ClipEntry> clips, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var four = new SemaphoreSlim(4);
        var pictures = await Task.WhenAll(clips.Where(c => c.Refused is null).Select(async clip =>
        {
            await four.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                var strip = await client.Corpora.GetStripAsync(corpus, clip.Id, cancellationToken: cancellation).ConfigureAwait(false);
                return new MouthPicture(strip, clip.Text, $"{clip.Speaker}, {(clip.Seen ? "seen" : "unseen")}");
            }
            finally
            {
                four.Release();
            }
        })).ConfigureAwait(false);
        return new MouthGallery(pictures);
    }

    internal string ToHtml()
    {
        var html = new StringBuilder("<div class=\"grid\">");
        foreach (var picture in Pictures)
            html.Append($"<figure>{Sprite(picture)}<figcaption>{Markup.Words(picture.Text)}<br><span class=\"soft\">{Markup.Encode(picture.Caption)}</span></figcaption></figure>");
        return html.Append("</div>").ToString();
    }

    /// <summary>The strip as the background of a square, moved on frame by frame.</summary>
    internal static string Sprite(MouthPicture picture)
    {
        var frames = FramesOf(picture.Strip);
        return Markup.Invariant($"<span class=\"mouth\" role=\"img\" aria-label=\"{Markup.Encode(picture.Text)}\" style=\"--frames:{frames};--time:{frames / picture.FramesPerSecond:0.###}s;background-size:{frames * 100}% 100%;{(frames < 2 ? "animation:none;" : "")}background-image:url(data:image/png;base64,{Convert.ToBase64String(picture.Strip)})\"></span>");
    }

    // A PNG's width and height stand at bytes 16 and 20 of the file (IHDR, https://www.w3.org/TR/png/); frames are square.
    private static int FramesOf(ReadOnlySpan<byte> png)
    {
        if (png.Length < 24 || !png[1..4].SequenceEqual("PNG"u8))
            throw new ArgumentException("The strip isn't a PNG picture.");
        var width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png[16..]);
        var height = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png[20..]);
        return Math.Max(1, (int)Math.Round((double)width / Math.Max(1, height)));
    }
}
