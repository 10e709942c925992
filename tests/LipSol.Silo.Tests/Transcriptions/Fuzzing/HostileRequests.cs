namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>One request: what is damaged in it, and what is sent.</summary>
internal sealed record HostileRequest(string Kind, string ContentType, byte[] Body);

/// <summary>Requests for a transcription of which something is damaged: a video, the pictures of a recording, a mouth clip, or the form itself. The same seed gives the same bytes.</summary>
internal sealed class HostileRequests(FuzzOriginals originals, int seed)
{
    private static readonly string[] Fields = ["framesPerSecond", "model", "version", "start", "end", "decoder", "format", "keep", "async", "unknown"];
    private static readonly string[] Values =
        ["", "0", "-1", "1e308", "NaN", "Infinity", "25,5", "٢٥", "2147483648", "../../etc/passwd", "m'; drop table runs;--", "{}", "\0", "نہیں", "<script>", new string('9', 400), new string('x', 5000)];
    private static readonly string[] Names =
        ["clip.mp4", "../../../tmp/clip.mp4", "/etc/passwd", "C:\\clip.avi", "clip", "clip.", ".npz", "a.mp4;b", "clip\u202Egpj.exe", "%00.mp4", "clip.mp4.npz", new string('n', 3000) + ".mp4"];

    private readonly Damage damage = originals.Damage;

    /// <summary>The n-th.</summary>
    public HostileRequest Make(int n)
    {
        var random = new Random(unchecked(seed * 1_000_003 + n));
        return (n % 10) switch
        {
            < 3 => Video(random),
            < 6 => Pictures(random),
            < 8 => MouthClip(random),
            _ => DamagedForm(random),
        };
    }

    private HostileRequest Video(Random random)
    {
        var (name, original) = originals.Videos[random.Next(originals.Videos.Count)];
        var bytes = damage.Of(original, random);
        return random.Next(4) == 0 ? new("video", "video/mp4", bytes) : Of("video", new Form().File("clip", name, bytes));
    }

    private HostileRequest MouthClip(Random random)
    {
        var bytes = new MouthClipDamage(damage).Of(originals.MouthClip, random);
        return random.Next(4) == 0 ? new("mouth clip", "application/x-npz", bytes) : Of("mouth clip", new Form().File("mouthClip", "clip.npz", bytes));
    }

    private HostileRequest Pictures(Random random)
    {
        var good = random.Next(3) switch
        {
            0 => originals.Pngs,
            1 => originals.Jpegs,
            // A camera that can't make up its mind.
            _ => [.. originals.Jpegs.Select((jpeg, i) => random.Next(2) == 0 ? jpeg : originals.Pngs[i])],
        };
        // One picture, a few, or all.
        var share = (random.Next(3)) switch { 0 => 0, 1 => 0.3, _ => 1.0 };
        var (one, damaged) = (random.Next(good.Count), new PictureDamage(damage));
        var form = new Form().Field("framesPerSecond", random.Next(5) == 0 ? "10" : "25");
        for (var i = 0; i < good.Count; i++)
            form.File("frames", $"{i:0000}.jpg", i == one || random.NextDouble() < share ? damaged.Of(good[i], random) : good[i]);
        return Of("pictures", form);
    }

    private HostileRequest DamagedForm(Random random)
    {
        var form = new Form { Boundary = random.Next(4) == 0 ? new string('-', random.Next(1, 70)) : "----lipsol-fuzz" };
        switch (random.Next(5))
        {
            case 0: // fields that mean nothing
                for (var i = random.Next(1, 5); i > 0; i--) form.Field(Fields[random.Next(Fields.Length)], Values[random.Next(Values.Length)]);
                break;
            case 1: // very many parts
                for (var i = random.Next(1, 3000); i > 0; i--) form.Field(random.Next(2) == 0 ? $"f{i}" : "model", "m");
                break;
            case 2: // parts without a name, or with headers that nobody sends
                form.Part(new[] { "X: y", "Content-Disposition: attachment", "Content-Disposition: form-data; name=", "Content-Disposition: form-data; name=\"clip", ":", "X: " + new string('h', 100_000), "Content-Disposition: form-data; name=\"clip\"; filename*=UTF-8''%FF%FE", "Content-Type: multipart/mixed; boundary=x" }[random.Next(8)], [1, 2, 3]);
                break;
            case 3: // no part at all
                return Of("form", form);
        }
        // A clip that is good by itself, once or several times, under any name.
        for (var i = random.Next(6) == 0 ? random.Next(2, 40) : 1; i > 0; i--)
        {
            var name = Names[random.Next(Names.Length)];
            if (random.Next(3) == 0) form.Field("framesPerSecond", "25").File("frames", name, originals.Jpegs[0]);
            else form.File(random.Next(2) == 0 ? "clip" : "mouthClip", name, originals.MouthClip);
        }
        var bytes = form.ToBytes(ended: random.Next(4) != 0);
        var type = random.Next(6) switch
        {
            0 => "multipart/form-data; boundary=" + new[] { "", "other", new string('b', 300), "\"", "a b", "\"----lipsol-fuzz\"; charset=utf-8" }[random.Next(6)],
            1 => new[] { "multipart/form-data", "multipart/mixed; boundary=" + form.Boundary, "text/plain", "application/x-www-form-urlencoded", "video/", "application/json" }[random.Next(6)],
            _ => "multipart/form-data; boundary=" + form.Boundary,
        };
        switch (random.Next(3))
        {
            case 0: // anywhere
                bytes = damage.Of(bytes, random);
                break;
            case 1: // in the first part's headers
                for (var i = random.Next(1, 10); i > 0; i--) bytes[random.Next(Math.Min(200, bytes.Length))] = (byte)random.Next(256);
                break;
        }
        return new("form", type, bytes);
    }

    private static HostileRequest Of(string kind, Form form) => new(kind, "multipart/form-data; boundary=" + form.Boundary, form.ToBytes());
}
