using System.Text;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>multipart/form-data (RFC 7578), written by hand: what a program of good intentions wouldn't write can be written too.</summary>
internal sealed class Form
{
    private readonly MemoryStream bytes = new();

    public string Boundary { get; init; } = "----lipsol-fuzz";

    public Form Field(string name, string value) => Part($"Content-Disposition: form-data; name=\"{name}\"", Encoding.UTF8.GetBytes(value));

    public Form File(string name, string fileName, byte[] content) => Part($"Content-Disposition: form-data; name=\"{name}\"; filename=\"{fileName}\"\r\nContent-Type: application/octet-stream", content);

    public Form Part(string headers, ReadOnlySpan<byte> content)
    {
        bytes.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\n{headers}\r\n\r\n"));
        bytes.Write(content);
        bytes.Write("\r\n"u8);
        return this;
    }

    public byte[] ToBytes(bool ended = true)
    {
        if (ended) bytes.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return bytes.ToArray();
    }
}
