@main enum Alt { static func main() { print("alt") } }
